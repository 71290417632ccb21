"use strict";

const jose = require("jose");
const { answer } = require("./job.cjs");

function sign(claims, alg, key, header) {
  return new jose.SignJWT(claims).setProtectedHeader({ alg, ...header }).sign(key);
}

async function verify(token, { alg, key, issuer, audience }) {
  const trusted = key.secret ? Buffer.from(key.secret, "base64url") : jose.createLocalJWKSet(key.jwks);
  const rules = { algorithms: [alg], issuer, audience, requiredClaims: ["exp"] };
  return (await jose.jwtVerify(token, trusted, rules)).payload;
}

async function publish(key, alg, header) {
  const jwk = { ...(await jose.exportJWK(key)), alg, ...(header.kid && { kid: header.kid }) };
  return alg === "HS256" ? { jwk } : { jwks: { keys: [{ ...jwk, use: "sig" }] } };
}

answer({ sign, verify, publish });
