// SPDX-License-Identifier: Apache-2.0

// Verdicts of go-sev-guest on SEV-SNP reports; reads cases from standard input.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/google/go-sev-guest/abi"
	spb "github.com/google/go-sev-guest/proto/sevsnp"
	"github.com/google/go-sev-guest/verify"
	"github.com/google/go-sev-guest/verify/trust"
)

type line struct {
	Case   *int              `json:"case"`
	Base   int               `json:"base"`
	Now    int64             `json:"now"`
	Fields map[string][]byte `json:"fields"`
	Set    map[string][]byte `json:"set"`
}

func judge(f, base map[string][]byte, now int64) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	report, err := abi.ReportToProto(f["evidence"])
	if err != nil {
		return err
	}
	info, err := abi.ParseSignerInfo(report.GetSignerInfo())
	if err != nil {
		return err
	}
	chain := &spb.CertificateChain{ArkCert: f["ark"], Extras: map[string][]byte{}}
	product := string(f["product"])
	certs := &trust.ProductCerts{}
	if certs.Ark, err = x509.ParseCertificate(f["ark"]); err != nil {
		return err
	}
	// It reads both intermediates, also the one that the report has no use for: that one unchanged.
	ask, asvk := f["ask"], base["asvk"]
	if info.SigningKey == abi.VlekReportSigner {
		ask, asvk = base["ask"], f["asvk"]
	}
	if certs.Ask, err = x509.ParseCertificate(ask); err != nil {
		return err
	}
	if certs.Asvk, err = x509.ParseCertificate(asvk); err != nil {
		return err
	}
	options := &verify.Options{DisableCertFetching: true, Now: time.Unix(now, 0)}
	if info.SigningKey == abi.VlekReportSigner {
		chain.VlekCert = f["vek"]
		chain.AskCert = f["asvk"]
		// The roots it carries have no ASVK.
		root := trust.AMDRootCertsProduct(product)
		root.ProductCerts = certs
		options.TrustedRoots = map[string][]*trust.AMDRootCerts{product: {root}}
	} else {
		chain.VcekCert = f["vek"]
		chain.AskCert = f["ask"]
	}
	return verify.SnpAttestation(&spb.Attestation{Report: report, CertificateChain: chain}, options)
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	bases := map[int]line{}
	decoder := json.NewDecoder(in)
	for {
		var l line
		if decoder.Decode(&l) != nil {
			return
		}
		if l.Case == nil {
			bases[l.Base] = l
			continue
		}
		base := bases[l.Base]
		fields := map[string][]byte{}
		for k, v := range base.Fields {
			fields[k] = v
		}
		for k, v := range l.Set {
			fields[k] = v
		}
		if err := judge(fields, base.Fields, base.Now); err != nil {
			fmt.Fprintf(out, "%d refuse %s\n", *l.Case, strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Fprintf(out, "%d accept\n", *l.Case)
		}
	}
}
