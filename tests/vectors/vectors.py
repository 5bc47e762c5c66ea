#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""vectors.py TEE-SECRETS FOLDER [PART-OF-AN-ID]: gives every item of FOLDER/manifest.json to the
command and compares verdict, reason and claims with the item's `expect` and with facts.json.

How an expectation maps to a verdict: `valid` is genuine at its time; but refused as `debug` when the
facts say debug, and as `tcb` when its vendor calls the firmware anything but UpToDate or no collateral
tells, unless that is allowed.  `invalid` is refused whatever is allowed; without the certificate or
key that vouches for it, as `no-endorsement`.
"""
import collections
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from expected import cases, claim_differences, flat, rfc3339  # noqa: E402

KINDS = ('nitro', 'sev-snp', 'sgx', 'maa')
DEBUG, TCB = ['--allow-debug'], ['--allow-tcb', 'any']
MEASUREMENTS = ('pcr0', 'mrenclave', 'mrtd', 'measurement')


class Runner:
    """Runs checks of one case, and gathers what is wrong."""

    def __init__(self, program, case):
        self.program, self.case = program, case
        self.checks, self.wrong, self.verdict, self.reason, self.stricter = 0, [], '?', '?', False

    def command(self, command, flags):
        done = subprocess.run([self.program, 'evidence', command, *flags, '--output', 'json', self.case.path],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        self.checks += 1
        try:
            return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr
        except ValueError:
            return done.returncode, {}, f'no JSON: {done.stdout[:200]} {done.stderr}'

    def complain(self, what, text):
        self.wrong.append(f'{what}: {text}')

    def verify(self, what, *flags, at=None):
        """The report, whose form is checked whatever it says; None when that is wrong."""
        status, out, stderr = self.command('verify', [
            '--format', self.case.format, '--at', rfc3339(self.case.at if at is None else at), *self.case.flags, *flags])
        fine = (status in (0, 1) and set(out) == {'verdict', 'format', 'claims', 'checks', 'reason'}
                and out['verdict'] == ('genuine' if status == 0 else 'refused')
                and out['format'] == self.case.format
                and (out['reason'] == '') == (status == 0)
                and all(set(c) == {'name', 'ok', 'detail'} for c in out['checks'])
                and [c['ok'] for c in out['checks']].count(False) == (1 if status else 0)
                and out['checks'][-1]['ok'] == (status == 0))
        if not fine:
            self.complain(what, f'exit {status}, {json.dumps(out)[:300]} {stderr.strip()[:300]}')
        return out if fine else None

    def genuine(self, what, *flags, at=None):
        out = self.verify(what, *flags, at=at)
        if out and out['reason']:
            self.complain(what, f"refused as {out['reason']}: {out['checks'][-1]}")
        return out

    def refused(self, what, reasons, *flags, at=None):
        """`reasons`: one of these; None: any."""
        out = self.verify(what, *flags, at=at)
        if out and not out['reason']:
            self.complain(what, 'genuine')
        elif out and reasons is not None and out['reason'] not in reasons:
            self.complain(what, f"refused as {out['reason']}, not {' or '.join(reasons)}: {out['checks'][-1]}")
        elif out and not out['checks'][-1]['detail']:
            self.complain(what, 'without a detail')
        return out

    def result(self, out):
        if out:
            self.verdict, self.reason = out['verdict'], out['reason']
        return out


def module_is_old(run, *flags):
    """Whether the TDX module's own level makes it less than UpToDate, which facts.json does not have: either the
    module is out of date, or the TD was launched under an older one (known of TDX 1.5 reports alone)."""
    out = run.verify('by default', *flags)
    if out is None or out['reason'] != 'tcb':
        return False
    status = flat(out['claims']).get('tcb_status', '')
    module = [c['detail'] for c in out['checks'] if c['name'] == 'tdx-module']
    run.stricter = (status.startswith('TDRelaunchAdvised') and run.case.facts.get('body_type') == 3
                    or status.startswith('OutOfDate') and any('OutOfDate' in detail for detail in module))
    return run.stricter


def judge_default(run):
    """The verdict by default; gives what has to be allowed for the evidence to pass."""
    case, reasons, needed = run.case, [], []
    if case.debug:
        reasons.append('debug')
        needed += DEBUG
    if (case.tcb() not in ('', 'UpToDate') or not case.complete()
            or case.facts.get('qe_status', 'UpToDate') != 'UpToDate'
            or case.format == 'tdx' and module_is_old(run, *DEBUG)):
        reasons.append('tcb')
        needed += TCB
    run.result(run.refused('by default', reasons) if reasons else run.genuine('by default'))
    if len(reasons) == 2:
        run.refused('with debug allowed', ['tcb'], *DEBUG)
        run.refused('with any TCB allowed', ['debug'], *TCB)
    return needed


def wrong_expectations(run, needed, claims):
    """One expectation more that does not hold, each time."""
    other = 'a5' * 32
    run.refused('another nonce', ['nonce'], *needed, '--nonce', other)
    run.refused('another binding', ['binding'], *needed, '--binding', other)
    size = max(len(claims.get(name) or '') for name in MEASUREMENTS)
    out = run.refused('another measurement', ['measurement'], *needed, '--allow', 'a5' * (size // 2))
    detail = out['checks'][-1]['detail'] if out else 'a5'
    if 'a5' not in detail and 'tee:' not in detail:
        run.complain('another measurement', f'the detail does not say what is allowed: {detail}')
    if run.case.format == 'nitro':
        with tempfile.NamedTemporaryFile() as key:
            key.write(b'another key')
            key.flush()
            run.refused('another public key', ['public-key'], *needed, '--public-key', key.name)


def outside_window(run, needed):
    start, end = run.case.facts.get('nb'), run.case.facts.get('na')
    if start:
        run.refused('a second too early', ['not-yet-valid'], *needed, at=start - 1)
    if end:
        run.refused('a second too late', ['expired'], *needed, at=end + 1)
        run.genuine('in the last second', *needed, at=end)


def right_expectations(run, needed, claims):
    """What the evidence says is found in it."""
    flags = list(needed)
    if claims.get('nonce'):
        flags += ['--nonce', claims['nonce']]
    if claims.get('report_data') and run.case.format in ('snp', 'sgx', 'tdx'):
        flags += ['--binding', claims['report_data']]
    for name in MEASUREMENTS:
        if claims.get(name, '').strip('0') and '--allow' not in flags:
            bare = name != 'pcr0' or claims['tee'] == 'nitro'
            flags += ['--allow', claims[name] if bare else f"{claims['tee']}:{name}={claims[name]}"]
    with tempfile.NamedTemporaryFile() as key:
        if claims.get('public_key') and run.case.format == 'nitro':
            key.write(bytes.fromhex(claims['public_key']))
            key.flush()
            flags += ['--public-key', key.name]
        run.genuine('with all that it says', *flags)


def show(run, claims):
    status, out, stderr = run.command('show', [])
    if status != 0:
        run.complain('show', f'exit {status}: {stderr.strip()[:200]}')
        return
    if out.get('verified') is not False or out.get('format') != run.case.format:
        run.complain('show', f"verified {out.get('verified')}, format {out.get('format')}")
    shown = flat(out.get('claims', {}))
    for name in (*MEASUREMENTS, 'report_data', 'debug', 'tee'):
        if name in claims and shown.get(name) != claims[name]:
            run.complain('show', f'{name} is {shown.get(name)!r}, not {claims[name]!r}')


def run_valid(run):
    needed = judge_default(run)
    out = run.genuine('with all allowed', *DEBUG, *TCB)
    if not out or out['reason']:
        return
    for line in claim_differences(run.case, out['claims'], True):
        run.complain('claims', line)
    if run.case.again:
        return
    claims = flat(out['claims'])
    show(run, claims)
    wrong_expectations(run, needed, claims)
    outside_window(run, needed)
    right_expectations(run, needed, claims)
    if run.case.format == 'maa':
        run.case.flags[run.case.flags.index('--issuer') + 1] += '/'
        run.refused('another issuer', ['issuer'], *needed)
        run.case.flags.clear()
        run.refused('without keys and issuer', ['no-endorsement'], *needed)


def run_invalid(run):
    reasons = ['no-endorsement'] if run.case.unverifiable else None
    run.result(run.refused('by default', reasons and reasons + (['debug'] if run.case.debug else [])))
    out = run.refused('with all allowed', reasons, *DEBUG, *TCB)
    if run.case.unverifiable and out:
        for line in claim_differences(run.case, out['claims'], False):
            run.complain('claims', line)
    if run.command('show', [])[0] not in (0, 1):
        run.complain('show', 'neither shown nor refused')


def run_case(program, case):
    run = Runner(program, case)
    (run_valid if case.valid else run_invalid)(run)
    return run


def main():
    program, root, part = sys.argv[1], sys.argv[2], (sys.argv[3:] or [''])[0]

    def read(name):
        with open(os.path.join(root, name), encoding='utf-8') as file:
            return json.load(file)

    facts = read('facts.json')
    todo = [case for item in read('manifest.json')['items'] if item['kind'] in KINDS and part in item['id']
            for case in cases(item, facts.get(item['id'], {}).get('facts', {}), root)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = list(pool.map(lambda case: run_case(program, case), todo))
    print('format       expected verdict  reason           pieces')
    table = collections.Counter((r.case.format, r.case.item['expect']['verdict'], r.verdict, r.reason or '-') for r in runs)
    for row, n in sorted(table.items()):
        print('{:12} {:8} {:8} {:16} {}'.format(*row, n))
    stricter = sum(r.stricter for r in runs)
    if stricter:
        print(f'{stricter} TDX quotes are refused for their module, which facts.json does not judge')
    bad = [r for r in runs if r.wrong]
    for r in bad:
        print(r.case.name, *r.wrong, sep='\n    ')
    print(f'{len(runs)} pieces of evidence, {sum(r.checks for r in runs)} runs, {len(bad)} pieces not as expected')
    sys.exit(1 if bad or not runs else 0)


if __name__ == '__main__':
    main()
