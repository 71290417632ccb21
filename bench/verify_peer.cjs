// How many tokens a second an npm library verifies: job as JSON on stdin, the rate on stdout.
"use strict";

const fs = require("node:fs");

const { library, alg, key, issuer, audience, seconds, tokens: path } = JSON.parse(fs.readFileSync(0, "utf8"));
const tokens = fs.readFileSync(path, "utf8").trim().split("\n");

function verifier() {
  const secret = key.secret && Buffer.from(key.secret, "base64url");
  if (library === "jose") {
    const { createLocalJWKSet, jwtVerify } = require("jose");
    const trusted = secret || createLocalJWKSet(key.jwks);
    return (token) => jwtVerify(token, trusted, { algorithms: [alg], issuer, audience });
  }
  const { verify } = require("jsonwebtoken");
  const trusted = require("node:crypto")[secret ? "createSecretKey" : "createPublicKey"](secret || key.pem);
  return (token) => verify(token, trusted, { algorithms: [alg], issuer, audience });
}

function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

async function main() {
  const verify = verifier();
  const start = processorTime();
  let done = 0;
  let spent = 0;
  while (spent < seconds) {
    const some = Array.from({ length: 100 }, (_, i) => tokens[(done + i) % tokens.length]);
    await Promise.all(some.map(verify));
    done += some.length;
    spent = processorTime() - start;
  }
  console.log(done / spent);
}

main();
