// SPDX-License-Identifier: Apache-2.0
// Transit through node-vault and @litehex/node-vault, against the server that TEE_URL names.
import assert from 'node:assert/strict';
import { createHash, createPublicKey, randomUUID, verify as verifies } from 'node:crypto';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const endpoint = process.env.TEE_URL;
const token = process.env.TEE_ROOT_TOKEN;
const root = require('node-vault')({ apiVersion: 'v1', endpoint, token });
const b64 = (text) => Buffer.from(text).toString('base64');
const unique = (kind) => `${kind}-${randomUUID().slice(0, 8)}`;
const bytesOf = (text) => Buffer.from(text.split(':')[2], 'base64');

async function withMount(run, mount = unique('transit')) {
  await root.mount({ mount_point: mount, type: 'transit' });
  try {
    await run(mount);
  } finally {
    await root.unmount({ mount_point: mount });
  }
}

const refusedWith = (status, told) => (error) => {
  assert.equal(error.response?.statusCode, status, error.message);
  assert.match(error.message, told);
  return true;
};

// Its own commands know one mount, of this name.
test('node-vault: its transit commands', () => withMount(async () => {
  await root.transitCreateKey({ name: 'k', type: 'aes256-gcm96' });
  assert.deepEqual((await root.transitListKeys()).data.keys, ['k']);
  assert.equal((await root.transitReadKey({ name: 'k' })).data.latest_version, 1);
  const { ciphertext } = (await root.encryptData({ name: 'k', plaintext: b64('x') })).data;
  assert.match(ciphertext, /^vault:v1:/);
  const rewrapped = (await root.rewrapData({ name: 'k', ciphertext })).data.ciphertext;
  assert.equal((await root.decryptData({ name: 'k', ciphertext: rewrapped })).data.plaintext, b64('x'));
  await assert.rejects(root.transitDeleteKey({ name: 'k' }), refusedWith(400, /deletion is not allowed/));
  await root.write('transit/keys/k/config', { deletion_allowed: true });
  await root.transitDeleteKey({ name: 'k' });
  await assert.rejects(root.transitReadKey({ name: 'k' }), refusedWith(404, /404/));
}, 'transit'));

test('node-vault: what it signs is verified by node', () => withMount(async (mount) => {
  for (const type of ['ecdsa-p256', 'ecdsa-secp256k1', 'rsa-2048']) {
    await root.write(`${mount}/keys/${type}`, { type });
    const { signature } = (await root.write(`${mount}/sign/${type}`, {
      input: b64('attack at dawn'), signature_algorithm: 'pkcs1v15',
    })).data;
    const key = createPublicKey((await root.read(`${mount}/keys/${type}`)).data.keys['1'].public_key);
    assert.equal(verifies('sha256', Buffer.from('attack at dawn'), key, bytesOf(signature)), true, type);
    assert.equal(verifies('sha256', Buffer.from('attack at dusk'), key, bytesOf(signature)), false, type);
    const checked = await root.write(`${mount}/verify/${type}`, {
      input: b64('attack at dawn'), signature, signature_algorithm: 'pkcs1v15',
    });
    assert.equal(checked.data.valid, true);
  }
}));

test('node-vault: a refusal is clear', () => withMount(async (mount) => {
  await assert.rejects(root.write(`${mount}/sign/nobody`, { input: '' }), refusedWith(400, /signing key not found/));
  await assert.rejects(root.write(`${mount}/keys/k`, { type: 'rot13' }), refusedWith(400, /unknown key type rot13/));
  await root.write(`${mount}/keys/k`, {});
  await assert.rejects(
    root.write(`${mount}/decrypt/k`, { ciphertext: 'vault:v1:AAAA' }), refusedWith(400, /ciphertext|authentication/),
  );
  await assert.rejects(root.read(`${mount}/export/encryption-key/k`), refusedWith(400, /not exportable/));
}));

test('node-vault: a batch, an hmac, a hash, randomness', () => withMount(async (mount) => {
  const batch_input = ['a', 'b'].map((word) => ({ plaintext: b64(word) }));
  const { batch_results } = (await root.write(`${mount}/encrypt/k`, { batch_input })).data;
  const back = (await root.write(`${mount}/decrypt/k`, { batch_input: batch_results })).data.batch_results;
  assert.deepEqual(back.map((item) => item.plaintext), [b64('a'), b64('b')]);
  const { hmac } = (await root.write(`${mount}/hmac/k`, { input: b64('x') })).data;
  assert.equal((await root.write(`${mount}/verify/k`, { input: b64('x'), hmac })).data.valid, true);
  const { sum } = (await root.write(`${mount}/hash/sha2-512`, { input: b64('x') })).data;
  assert.equal(sum, createHash('sha512').update('x').digest('hex'));
  assert.equal(Buffer.from((await root.write(`${mount}/random/16`, {})).data.random_bytes, 'base64').length, 16);
}));

// This one checks every reply against a schema of its own, without mercy.
async function strictly(run) {
  const { Client } = await import('@litehex/node-vault');
  const { transit } = new Client({ endpoint, token });
  const mountPath = unique('strict');
  const ask = async (call, body) => {
    const { data, error } = await transit[call]({ mountPath, ...body });
    assert.equal(error, undefined, `${call}: ${error?.message} ${JSON.stringify(error)}`);
    return data.data ?? data;
  };
  await ask('enable', { type: 'transit' });
  try {
    await run(ask, transit, mountPath);
  } finally {
    await root.unmount({ mount_point: mountPath });
  }
}

test('@litehex/node-vault: keys from beginning to end', () => strictly(async (ask) => {
  const name = 'k';
  const made = await ask('createKey', { name, type: 'aes256-gcm96', exportable: true, allow_plaintext_backup: true });
  assert.equal(made.latest_version, 1);
  assert.equal((await ask('rotateKey', { name })).latest_version, 2);
  assert.equal((await ask('readKey', { name })).name, name);
  const shown = await ask('updateKey', { name, min_decryption_version: 2, min_encryption_version: 2, deletion_allowed: true });
  assert.equal(shown.min_decryption_version, 2);
  assert.deepEqual((await ask('listKeys')).keys, [name]);
  assert.deepEqual(Object.keys((await ask('exportKey', { name, type: 'encryption-key' })).keys), ['2']);
  const { backup } = await ask('backupKey', { name });
  await ask('restoreKey', { name: 'copy', backup });
  await ask('deleteKey', { name });
  assert.deepEqual((await ask('listKeys')).keys, ['copy']);
}));

test('@litehex/node-vault: a key is trimmed', () => strictly(async (ask) => {
  await ask('createKey', { name: 'k' });
  await ask('rotateKey', { name: 'k' });
  await ask('updateKey', { name: 'k', min_decryption_version: 2, min_encryption_version: 2 });
  await ask('trimKey', { name: 'k', min_available_version: 2 });
  assert.equal((await ask('readKey', { name: 'k' })).min_available_version, 2);
}));

test('@litehex/node-vault: data', () => strictly(async (ask) => {
  const name = 'k';
  await ask('createKey', { name });
  const { ciphertext } = await ask('encrypt', { name, plaintext: b64('x') });
  const again = await ask('rewrap', { name, ciphertext });
  assert.equal((await ask('decrypt', { name, ciphertext: again.ciphertext })).plaintext, b64('x'));
  const batch_input = [{ plaintext: b64('a') }, { plaintext: b64('b') }];
  const { batch_results } = await ask('encrypt', { name, plaintext: '', batch_input });
  assert.equal((await ask('decrypt', { name, ciphertext: '', batch_input: batch_results })).batch_results.length, 2);
  assert.ok((await ask('generateDataKey', { name, type: 'plaintext', bits: 256 })).plaintext);
  assert.equal((await ask('generateDataKey', { name, type: 'wrapped' })).plaintext, undefined);
  assert.ok((await ask('generateRandom', { source: 'platform', bytes: 8 })).random_bytes);
  for (const algorithm of ['sha2-256', 'sha3-512']) assert.ok((await ask('hash', { algorithm, input: b64('x') })).sum);
  const { hmac } = await ask('hmac', { name, input: b64('x') });
  assert.equal((await ask('verifyHmac', { name, algorithm: 'sha2-256', input: b64('x'), hmac })).valid, true);
}));

// Its schema has no room for what Vault shows of key pairs: node-vault makes them.
test('@litehex/node-vault: signatures', () => strictly(async (ask, transit, mount) => {
  for (const name of ['ed25519', 'ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'rsa-2048']) {
    await root.write(`${mount}/keys/${name}`, { type: name });
    for (const marshaling_algorithm of ['asn1', 'jws']) {
      const { signature } = await ask('sign', { name, input: b64('x'), marshaling_algorithm });
      const asked = { name, algorithm: 'sha2-256', signature, marshaling_algorithm };
      assert.equal((await ask('verify', { ...asked, input: b64('x') })).valid, true);
      assert.equal((await ask('verify', { ...asked, input: b64('y') })).valid, false);
    }
  }
}));

test('@litehex/node-vault: a refusal comes as an error', () => strictly(async (ask, transit, mountPath) => {
  const { data, error } = await transit.decrypt({ mountPath, name: 'nobody', ciphertext: 'vault:v1:AAAA' });
  assert.equal(data, undefined);
  assert.match(error.message, /encryption key not found/);
}));
