// The identity provider oidc-provider on 127.0.0.1, with new signing keys at each start.
//
//   node oidc_provider.mjs OPTIONS      OPTIONS: JSON {port, clients, accounts}; port 0 takes any
//
// Says "listening PORT" once it does. Whoever logs in as NAME is accounts[NAME], its claims.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const peers = process.env.PEERS ?? path.join(here, '../../build/peers/node_modules');
const { default: Provider } = await import(
  pathToFileURL(path.join(peers, 'oidc-provider/lib/index.js')));

const options = JSON.parse(process.argv[2]);
const server = http.createServer();
await new Promise((done) => server.listen(options.port ?? 0, '127.0.0.1', done));
const { port } = server.address();

function signingKey(type, parameters, alg) {
  const { privateKey } = generateKeyPairSync(type, parameters);
  return { ...privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: randomBytes(8).toString('hex') };
}

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: options.clients,
  jwks: { keys: [signingKey('rsa', { modulusLength: 2048 }, 'RS256'),
    signingKey('ec', { namedCurve: 'P-256' }, 'ES256')] },
  cookies: { keys: [randomBytes(16).toString('hex')] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  features: { deviceFlow: { enabled: true } },
  pkce: { methods: ['S256'], required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...options.accounts[id] }) }),
});
server.on('request', provider.callback());
console.log(`listening ${port}`);
