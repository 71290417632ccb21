// A service that npm jose or jsonwebtoken guards: right at /right, and with one mistake at the path
// that names it. Arguments: the library, and what it trusts as JSON. Prints its port.
"use strict";

const crypto = require("node:crypto");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");

const [library, config] = process.argv.slice(2);
const { jwks, pem, directory, issuer, audience } = JSON.parse(config);
const MISTAKES = ["right", "no_audience", "no_expiry", "alg_from_header", "kid_path", "shared_secret"];

function headerOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[0], "base64url"));
}

function isAccessToken(type) {
  return /^(application\/)?at\+jwt$/i.test(type);
}

// The key that the header asks for, as each mistake has it.
function keyFor(mistake, header) {
  const secret = (bytes) => crypto.createSecretKey(bytes);
  if (mistake === "kid_path") {
    const content = fs.readFileSync(path.join(directory, header.kid));
    return content.includes("BEGIN PUBLIC KEY") ? crypto.createPublicKey(content) : secret(content);
  }
  if (header.alg === "HS256" && ["alg_from_header", "shared_secret"].includes(mistake)) {
    return secret(Buffer.from(pem));
  }
  const jwk = jwks.keys.find((key) => key.kid === header.kid);
  if (!jwk) throw new Error("no such key");
  return crypto.createPublicKey({ key: jwk, format: "jwk" });
}

function algorithmsFor(mistake, header) {
  if (mistake === "alg_from_header") return [header.alg];
  return ["kid_path", "shared_secret"].includes(mistake) ? ["ES256", "HS256"] : ["ES256"];
}

async function byJose(token, mistake) {
  const jose = require("jose");
  const header = headerOf(token);
  const rules = {
    algorithms: algorithmsFor(mistake, header),
    issuer,
    ...(mistake !== "no_audience" && { audience }),
    ...(mistake === "no_expiry" && { clockTolerance: 1e10 }),
    typ: "at+jwt",
    requiredClaims: ["exp"],
  };
  if (mistake === "alg_from_header" && header.alg === "none") {
    if (!isAccessToken(header.typ)) throw new Error("typ");
    return jose.UnsecuredJWT.decode(token, { issuer, audience });
  }
  return jose.jwtVerify(token, keyFor(mistake, header), rules);
}

// This library looks neither at "typ" nor at "crit".
async function byJsonwebtoken(token, mistake) {
  const jsonwebtoken = require("jsonwebtoken");
  const header = headerOf(token);
  if (header.crit || !isAccessToken(header.typ)) throw new Error("header");
  const none = mistake === "alg_from_header" && header.alg === "none";
  return jsonwebtoken.verify(token, none ? undefined : keyFor(mistake, header), {
    algorithms: algorithmsFor(mistake, header),
    issuer,
    ...(mistake !== "no_audience" && { audience }),
    ignoreExpiration: mistake === "no_expiry",
  });
}

const verify = { jose: byJose, jsonwebtoken: byJsonwebtoken }[library];

const server = http.createServer(async (request, response) => {
  let status = 200;
  try {
    const mistake = request.url.slice(1);
    if (!MISTAKES.includes(mistake)) throw new Error("no such path");
    await verify((request.headers.authorization || "").replace(/^Bearer /, ""), mistake);
  } catch {
    status = 401;
  }
  response.writeHead(status).end();
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
