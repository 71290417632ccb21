"use strict";

const jsonwebtoken = require("jsonwebtoken");
const { answer } = require("./job.cjs");

function sign(claims, algorithm, key, header) {
  return jsonwebtoken.sign(claims, key, { algorithm, header });
}

function verify(token, { alg, key, issuer, audience }) {
  const trusted = key.secret ? Buffer.from(key.secret, "base64url") : key.pem;
  return jsonwebtoken.verify(token, trusted, { algorithms: [alg], issuer, audience });
}

function publish(key, alg) {
  return alg === "HS256"
    ? { jwk: key.export({ format: "jwk" }) }
    : { pem: key.export({ format: "pem", type: "spki" }) };
}

answer({ sign, verify, publish });
