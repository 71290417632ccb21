// Reads a job on stdin, prints its answer: {"results": [...]} and the like, as told in peers.py.
"use strict";

const crypto = require("node:crypto");

const ALGORITHMS = ["ES256", "RS256", "PS256", "HS256", "EdDSA"];

// A private and a public KeyObject, or one secret for both.
function freshKey(alg) {
  switch (alg) {
    case "ES256":
      return crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
    case "RS256":
    case "PS256":
      return crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
    case "EdDSA":
      return crypto.generateKeyPairSync("ed25519");
    case "HS256": {
      const secret = crypto.createSecretKey(crypto.randomBytes(48));
      return { privateKey: secret, publicKey: secret };
    }
    default:
      throw new Error(`no key for ${alg}`);
  }
}

async function supported(sign) {
  const able = [];
  for (const alg of ALGORITHMS) {
    try {
      await sign({ sub: "x" }, alg, freshKey(alg).privateKey, {});
      able.push(alg);
    } catch {
      // This library does not know it.
    }
  }
  return able;
}

async function signAll({ alg, claims, header }, sign, publish) {
  const { privateKey, publicKey } = freshKey(alg);
  const tokens = [];
  for (const each of claims) {
    tokens.push(await sign(each, alg, privateKey, header || {}));
  }
  return { tokens, key: await publish(publicKey, alg, header || {}) };
}

async function verifyAll(job, verify) {
  const results = [];
  for (const token of job.tokens) {
    try {
      results.push({ claims: await verify(token, job) });
    } catch (problem) {
      results.push({ error: problem.code || problem.message });
    }
  }
  return { results };
}

// The answer to the job on stdin, by a library's own sign, verify and publish.
async function answer({ sign, verify, publish }) {
  const job = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const work = {
    algorithms: async () => ({ algorithms: await supported(sign) }),
    sign: () => signAll(job, sign, publish),
    verify: () => verifyAll(job, verify),
  };
  process.stdout.write(JSON.stringify(await work[job.do]()));
}

module.exports = { answer };
