# SPDX-License-Identifier: Apache-2.0
"""What is expected of an item: how it is given to the command, the verdict, and the claims."""
import datetime
import os


def rfc3339(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')


class Case:
    """One item of manifest.json given to the command in one way."""

    def __init__(self, item, facts, root, fmt, path, flags):
        self.item, self.facts, self.format = item, facts, fmt
        self.path = os.path.join(root, path)
        self.flags = list(flags)
        self.at = item['expect'].get('at') or facts.get('nb') or 1735689600
        self.valid = item['expect']['verdict'] == 'valid'
        self.unverifiable = item['expect'].get('reason', '').startswith(('no VCEK', 'no JWKS'))
        self.debug = bool(facts.get('debug') or facts.get('x-ms-sgx-is-debuggable')
                          or facts.get('x-ms-sevsnpvm-is-debuggable'))
        self.name = f"{item['id']} as {fmt}"
        self.again = False  # the same bytes were given in another way before

    def tcb(self):
        """'' where the vendor has no status; 'unknown' without the collateral that tells."""
        if self.format not in ('sgx', 'tdx'):
            return ''
        return self.facts.get('tcb_status', 'unknown').split(' ')[0]

    def complete(self):
        """Whether all is there that a status rests on."""
        have = self.item.get('collateral') or {}
        return self.format not in ('sgx', 'tdx') or all(
            k in have for k in ('tcb_info', 'tcb_signing_chain', 'qe_identity'))


def given(flag, paths):
    return [word for path in paths for word in (flag, path)]


def cases(item, facts, root):
    """All ways in which an item can be given."""
    def path(name):
        return os.path.join(root, name)

    kind = item['kind']
    if kind == 'nitro':
        yield Case(item, facts, root, 'nitro', item['path'], [])
    elif kind == 'sev-snp':
        flags = given('--collateral', [path('sev-snp/amd-roots')] + [path(item[k]) for k in ('vek',) if item.get(k)])
        yield Case(item, facts, root, 'snp', item['path'], flags)
        if item.get('hcl'):
            yield Case(item, facts, root, 'az-snp-vtpm', item['hcl'], flags)
    elif kind == 'sgx':
        fmt = facts.get('tee', 'SGX').lower()
        files = [path(p) for p in (item.get('collateral') or {}).values() if isinstance(p, str)]
        yield Case(item, facts, root, fmt, item['path'], given('--collateral', files))
        if files:
            folders = sorted({os.path.dirname(p) for p in files})
            case = Case(item, facts, root, fmt, item['path'], given('--collateral', folders))
            case.again = True
            yield case
    elif kind == 'maa':
        flags = ['--issuer', facts['iss']] if facts.get('iss') else []
        if item.get('jwks') and flags:
            flags += ['--jwks', path(item['jwks'])]
        yield Case(item, facts, root, 'maa', item['path'], flags)


# ---- claims: what facts.json calls them, and how they are compared ----

def same(fact, claim):
    return fact == claim


def hex_or_absent(fact, claim):
    """Bytes that are all zero may be left out."""
    return claim == fact or (claim is None and not fact.strip('0'))


def begins(fact, claim):
    """'64 bytes 0001..': a length and the first bytes."""
    length, _, start = fact.partition(' bytes ')
    return len(claim or '') == 2 * int(length) and (claim or '').startswith(start.rstrip('.'))


def number(fact, claim):
    return (int(fact, 16) if isinstance(fact, str) else fact) == claim


def table(**rows):
    return rows


NITRO = table(module_id=('module_id', same), debug=('debug', same), user_data=('user_data', begins),
              nonce=('nonce', begins), public_key=('public_key', begins),
              **{f'pcr{i}': (f'pcr{i}', same) for i in range(32)})
SNP = table(measurement=('measurement', same), report_data=('report_data', hex_or_absent),
            host_data=('host_data', hex_or_absent), report_id=('report_id', hex_or_absent),
            chip_id=('chip_id', hex_or_absent), id_key_digest=('id_key', hex_or_absent), guest_svn=('svn', same),
            vmpl=('vmpl', same), policy=('policy', number), platform_info=('platform_info', number),
            signing_key=('signing_key', same), debug=('debug', same), csp_id=('csp_id', same),
            smt=('smt_allowed', same), migrate_ma=('migration_allowed', same))
QUOTE = table(mrenclave=('mrenclave', same), mrsigner=('mrsigner', same), isvprodid=('prod_id', same),
              isvsvn=('svn', same), attributes=('attributes', same), debug=('debug', same),
              report_data=('report_data', hex_or_absent), fmspc=('fmspc', same), cpusvn=('cpu_svn', same),
              mrtd=('mrtd', same), mrseam=('mrseam', same), td_attributes=('td_attributes', same),
              xfam=('xfam', same), tee_tcb_svn=('tee_tcb_svn', same), mrconfigid=('mrconfigid', hex_or_absent),
              **{f'rtmr{i}': (f'rtmr{i}', hex_or_absent) for i in range(4)})
MAA = {'iss': ('issuer', same), 'x-ms-sgx-mrenclave': ('mrenclave', same), 'x-ms-sgx-mrsigner': ('mrsigner', same),
       'x-ms-sgx-product-id': ('prod_id', same), 'x-ms-sgx-svn': ('svn', same),
       'x-ms-sevsnpvm-launchmeasurement': ('measurement', same), 'x-ms-sevsnpvm-hostdata': ('host_data', hex_or_absent),
       'x-ms-sevsnpvm-vmpl': ('vmpl', same), 'x-ms-sevsnpvm-guestsvn': ('svn', same),
       'x-ms-compliance-status': ('compliance_status', same)}
CLAIMS = {'nitro': NITRO, 'sev-snp': SNP, 'sgx': QUOTE, 'maa': MAA}


def flat(claims):
    """Claims with those of `measurements` beside the others."""
    out = dict(claims)
    out.update(out.pop('measurements', {}))
    return out


def status_differences(case, have):
    """TDX: the module's own level and advisories count as well, and facts.json has them not."""
    if case.format in ('sgx', 'tdx') and not case.item.get('collateral') and have.get('tcb_status') != 'unknown':
        yield f"tcb_status is {have.get('tcb_status')!r} without collateral"
    known = case.complete() or case.tcb() != 'UpToDate'
    if case.format != 'tdx' and known and case.tcb() and have.get('tcb_status') != case.tcb():
        yield f"tcb_status is {have.get('tcb_status')!r}, not {case.tcb()!r}"
    listed = case.facts.get('tcb_status', '').split(' ')
    missing = set(listed[2].split(',') if len(listed) > 2 else []) - set(have.get('advisories', []))
    if missing and case.complete():
        yield f'advisories lack {sorted(missing)}'


def claim_differences(case, claims, proven):
    """Lines about claims that are not what facts.json says; `proven`: the evidence was genuine."""
    have = flat(claims)
    for fact, (name, equal) in CLAIMS[case.item['kind']].items():
        value = case.facts.get(fact)
        if value is not None and not equal(value, have.get(name)):
            yield f'{name} is {have.get(name)!r}, not {value!r}'
    if not proven:
        return
    for fact, name in (('nb', 'not_before'), ('na', 'not_after')):
        if case.facts.get(fact) and have.get(name) != rfc3339(case.facts[fact]):
            yield f'{name} is {have.get(name)!r}, not {rfc3339(case.facts[fact])}'
    yield from status_differences(case, have)
