// A service that knows its issuer by address only: it finds the keys by OpenID Connect discovery and
// answers whoever brings a good access token. Needs Node 18 and the npm package jose.
//
//   ISSUER=https://issuer.example AUDIENCE=reports PORT=8402 node service.mjs
import { createServer } from "node:http";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";

const { ISSUER, AUDIENCE, PORT = "8402", KEYS_MAX_AGE = "60" } = process.env;

let discovered;

// The issuer's keys. They are fetched again when a token names a new one, and after KEYS_MAX_AGE
// seconds: for that long a revoked key may still be trusted.
async function issuerKeys() {
  if (!discovered) {
    const response = await fetch(`${ISSUER}/.well-known/openid-configuration`);
    const { issuer, jwks_uri } = await response.json();
    if (issuer !== ISSUER) throw new Error(`${ISSUER} says that it is ${issuer}`);
    discovered = createRemoteJWKSet(new URL(jwks_uri), {
      cacheMaxAge: Number(KEYS_MAX_AGE) * 1000,
      cooldownDuration: 1000,
    });
  }
  return discovered;
}

async function claimsOf(request) {
  const [, token] = /^Bearer ([\w.-]+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (!token) throw new errors.JWTInvalid("no bearer token");
  const { payload } = await jwtVerify(token, await issuerKeys(), {
    issuer: ISSUER,
    audience: AUDIENCE,
    typ: "at+jwt",
    algorithms: ["ES256", "EdDSA", "PS256", "RS256"],
    requiredClaims: ["exp", "sub"],
  });
  return payload;
}

function send(response, status, body, headers = {}) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(`${JSON.stringify(body)}\n`);
}

createServer(async (request, response) => {
  try {
    const { sub, roles = [] } = await claimsOf(request);
    send(response, 200, { sub, roles });
  } catch (problem) {
    if (problem instanceof errors.JOSEError) {
      const challenge = { "www-authenticate": 'Bearer error="invalid_token"' };
      send(response, 401, { reason: problem.code, message: problem.message }, challenge);
    } else {
      send(response, 503, { reason: "issuer_unreachable", message: problem.message });
    }
  }
}).listen(Number(PORT), "127.0.0.1");
