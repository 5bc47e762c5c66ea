// SPDX-License-Identifier: Apache-2.0
//! Verdicts of dcap-qvl (argument "quote") and attestation-doc-validation ("nitro"); reads cases
//! from standard input.  The latter takes its time from the clock of the process, which libfaketime
//! sets anew for each case.
use base64::prelude::*;
use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::panic::{catch_unwind, AssertUnwindSafe};

type Fields = HashMap<String, Vec<u8>>;

fn fields(v: &Value) -> Fields {
    let mut out = Fields::new();
    if let Some(map) = v.as_object() {
        for (k, v) in map {
            out.insert(k.clone(), BASE64_STANDARD.decode(v.as_str().unwrap()).unwrap());
        }
    }
    out
}

fn text(f: &Fields, name: &str) -> Result<String, String> {
    let bytes = f.get(name).cloned().unwrap_or_default();
    String::from_utf8(bytes).map_err(|e| format!("{name}: {e}"))
}

fn signature(f: &Fields, name: &str) -> Result<Vec<u8>, String> {
    let hex = text(f, name)?;
    let hex = hex.trim();
    if hex.len() % 2 != 0 || !hex.is_ascii() {
        return Err(format!("{name}: not hex"));
    }
    (0..hex.len() / 2)
        .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).map_err(|e| e.to_string()))
        .collect()
}

fn quote(f: &Fields, now: u64) -> Result<(), String> {
    let collateral = dcap_qvl::QuoteCollateralV3 {
        pck_crl_issuer_chain: text(f, "pck_issuer_chain")?,
        root_ca_crl: f.get("root_ca_crl").cloned().unwrap_or_default(),
        pck_crl: f.get("pck_crl").cloned().unwrap_or_default(),
        tcb_info_issuer_chain: text(f, "tcb_signing_chain")?,
        tcb_info: text(f, "tcb_info")?,
        tcb_info_signature: signature(f, "tcb_info_sig")?,
        qe_identity_issuer_chain: text(f, "tcb_signing_chain")?,
        qe_identity: text(f, "qe_identity")?,
        qe_identity_signature: signature(f, "qe_identity_sig")?,
        pck_certificate_chain: None,
    };
    dcap_qvl::verify::QuoteVerifier::<dcap_qvl::configs::DefaultConfig>::new_prod()
        .allow_debug(true)
        .allow_service_td(true)
        .verify(&f["evidence"], &collateral, now)
        .map(|_| ())
        .map_err(|e| format!("{e:#}"))
}

fn nitro(f: &Fields, now: u64) -> Result<(), String> {
    std::env::set_var("FAKETIME", format!("@{now}"));
    let clock = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!(clock.abs_diff(now) < 60, "run this under libfaketime");
    attestation_doc_validation::validate_and_parse_attestation_doc(&f["evidence"])
        .map(|_| ())
        .map_err(|e| e.to_string())
}

fn main() {
    let kind = std::env::args().nth(1).unwrap_or_default();
    let mut bases: HashMap<u64, (u64, Fields)> = HashMap::new();
    let mut out = std::io::BufWriter::new(std::io::stdout());

    std::panic::set_hook(Box::new(|_| {}));
    for line in std::io::stdin().lock().lines() {
        let v: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let n = v["base"].as_u64().unwrap();
        let Some(case) = v["case"].as_u64() else {
            bases.insert(n, (v["now"].as_u64().unwrap(), fields(&v["fields"])));
            continue;
        };
        let (now, base) = &bases[&n];
        let mut f = base.clone();
        f.extend(fields(&v["set"]));
        let verdict = catch_unwind(AssertUnwindSafe(|| match kind.as_str() {
            "nitro" => nitro(&f, *now),
            _ => quote(&f, *now),
        }))
        .unwrap_or_else(|_| Err("panic".into()));
        match verdict {
            Ok(()) => writeln!(out, "{case} accept").unwrap(),
            Err(e) => writeln!(out, "{case} refuse {}", e.replace('\n', " ")).unwrap(),
        }
    }
}
