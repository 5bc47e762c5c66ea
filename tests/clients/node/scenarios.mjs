// SPDX-License-Identifier: Apache-2.0
// Scenarios through node-vault and @litehex/node-vault, against the server that TEE_URL names.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { test } from 'node:test';

const require = createRequire(import.meta.url);
const makeVault = require('node-vault');

const endpoint = process.env.TEE_URL;
const rootToken = process.env.TEE_ROOT_TOKEN;
const vault = (token = rootToken) => makeVault({ apiVersion: 'v1', endpoint, token });
const root = vault();
// A client takes over the token that it made: those that make one are clients of their own.
const unique = (kind) => `${kind}-${randomUUID().slice(0, 8)}`;

async function withMount(run) {
  const mount = unique('node');
  await root.mount({ mount_point: mount, type: 'kv', options: { version: '2' } });
  try {
    await run(mount);
  } finally {
    await root.unmount({ mount_point: mount });
  }
}

const statusOf = (status) => (error) => {
  assert.equal(error.response?.statusCode, status, error.message);
  return true;
};

test('node-vault: health, seal status and init', async () => {
  assert.equal((await root.health()).sealed, false);
  assert.equal((await root.status()).sealed, false);
  assert.equal((await root.initialized()).initialized, true);
});

test('node-vault: a secret is written, read, listed, deleted', () => withMount(async (mount) => {
  const written = await root.write(`${mount}/data/app/db`, { data: { password: 'correct horse' } });
  assert.equal(written.data.version, 1);
  const read = await root.read(`${mount}/data/app/db`);
  assert.deepEqual(read.data.data, { password: 'correct horse' });
  assert.deepEqual((await root.list(`${mount}/metadata/`)).data.keys, ['app/']);
  assert.deepEqual((await root.list(`${mount}/metadata/app`)).data.keys, ['db']);
  await root.delete(`${mount}/data/app/db`);
  await assert.rejects(root.read(`${mount}/data/app/db`), statusOf(404));
}));

test('node-vault: versions, check-and-set and undelete', () => withMount(async (mount) => {
  const path = `${mount}/data/s`;
  await root.write(path, { data: { n: 1 }, options: { cas: 0 } });
  await assert.rejects(root.write(path, { data: { n: 2 }, options: { cas: 0 } }), statusOf(400));
  await root.write(path, { data: { n: 2 }, options: { cas: 1 } });
  assert.deepEqual((await root.read(`${path}?version=1`)).data.data, { n: 1 });
  await root.write(`${mount}/delete/s`, { versions: [1, 2] });
  await assert.rejects(root.read(path), statusOf(404));
  await root.write(`${mount}/undelete/s`, { versions: [2] });
  assert.deepEqual((await root.read(path)).data.data, { n: 2 });
  await root.write(`${mount}/destroy/s`, { versions: [1] });
  const metadata = await root.read(`${mount}/metadata/s`);
  assert.equal(metadata.data.versions['1'].destroyed, true);
}));

test('node-vault: a merge patch changes what it names', () => withMount(async (mount) => {
  await root.write(`${mount}/data/s`, { data: { a: 1, b: 2 } });
  await root.update(`${mount}/data/s`, { data: { b: null, c: 3 } });
  assert.deepEqual((await root.read(`${mount}/data/s`)).data.data, { a: 1, c: 3 });
}));

test('node-vault: custom metadata', () => withMount(async (mount) => {
  await root.write(`${mount}/data/s`, { data: { a: 1 } });
  await root.write(`${mount}/metadata/s`, { custom_metadata: { owner: 'shop' } });
  const read = await root.read(`${mount}/data/s`);
  assert.deepEqual(read.data.metadata.custom_metadata, { owner: 'shop' });
}));

test('node-vault: a policy decides and the denial is clear', () => withMount(async (mount) => {
  const name = unique('policy');
  await root.addPolicy({ name, rules: `path "${mount}/data/open" { capabilities = ["read"] }` });
  assert.ok((await root.policies()).policies.includes(name));
  assert.match((await root.getPolicy({ name })).rules, /capabilities/);
  await root.write(`${mount}/data/open`, { data: { a: 1 } });
  await root.write(`${mount}/data/shut`, { data: { a: 1 } });
  const made = await vault().tokenCreate({ policies: [name], ttl: '10m' });
  const reader = vault(made.auth.client_token);
  assert.deepEqual((await reader.read(`${mount}/data/open`)).data.data, { a: 1 });
  await assert.rejects(reader.read(`${mount}/data/shut`), (error) => {
    assert.equal(error.response.statusCode, 403);
    assert.match(error.message, /permission denied/);
    return true;
  });
  await root.removePolicy({ name });
}));

test('node-vault: a token is looked up, renewed, revoked', async () => {
  const made = await vault().tokenCreate({ policies: ['default'], ttl: '10m', meta: { user: 'shop' } });
  const token = made.auth.client_token;
  const mine = vault(token);
  assert.deepEqual((await mine.tokenLookupSelf()).data.meta, { user: 'shop' });
  assert.equal((await mine.tokenRenewSelf({ increment: 300 })).auth.lease_duration, 300);
  const accessor = made.auth.accessor;
  assert.equal((await root.tokenLookupAccessor({ accessor })).data.id, '');
  await root.tokenRevokeAccessor({ accessor });
  await assert.rejects(mine.tokenLookupSelf(), statusOf(403));
});

test('node-vault: AppRole from role to login', async () => {
  const role_name = unique('role');
  await root.addApproleRole({ role_name, token_policies: 'default', token_ttl: 300 });
  assert.ok((await root.approleRoles()).data.keys.includes(role_name));
  const { role_id } = (await root.getApproleRoleId({ role_name })).data;
  const { secret_id } = (await root.getApproleRoleSecret({ role_name })).data;
  const login = await vault('').approleLogin({ role_id, secret_id });
  assert.deepEqual(login.auth.policies, ['default']);
  assert.equal(login.auth.metadata.role_name, role_name);
  await root.approleSecretDestroy({ role_name, secret_id });
  await assert.rejects(vault('').approleLogin({ role_id, secret_id }), statusOf(400));
  await root.deleteApproleRole({ role_name });
});

test('node-vault: a wrapped reply is opened once', () => withMount(async (mount) => {
  await root.write(`${mount}/data/s`, { data: { a: 1 } });
  const wrapped = await root.read(`${mount}/data/s`, { headers: { 'X-Vault-Wrap-TTL': '60s' } });
  const { token } = wrapped.wrap_info;
  assert.deepEqual((await vault(token).unwrap()).data.data, { a: 1 });
  await assert.rejects(vault(token).unwrap());
}));

test('node-vault: mounts are listed', () => withMount(async (mount) => {
  const mounts = await root.mounts();
  assert.equal(mounts[`${mount}/`].type, 'kv');
}));

// This one checks every reply against a schema of its own, without mercy.
test('@litehex/node-vault: strict schemas accept what we answer', () => withMount(async (mount) => {
  const { Client } = await import('@litehex/node-vault');
  const client = new Client({ endpoint, token: rootToken });
  // It returns { data } or { error }; what it could not match is an error.
  const must = ({ data, error }) => {
    assert.equal(error, undefined, error?.message);
    assert.notEqual(data, undefined);
    return data;
  };
  must(await client.sealStatus());
  const written = must(await client.kv2.write({ mountPath: mount, path: 's', data: { a: 'b' } }));
  assert.equal(written.data.version, 1);
  const read = must(await client.kv2.read({ mountPath: mount, path: 's' }));
  assert.deepEqual(read.data.data, { a: 'b' });
  must(await client.kv2.readMetadata({ mountPath: mount, path: 's' }));
  must(await client.kv2.list({ mountPath: mount, path: '' }));
}));
