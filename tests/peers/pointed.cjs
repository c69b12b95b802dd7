// Loaded before a program with twitter-api-v2: the practice server in X's place, and no other host.
// The addresses are constants of that package; which ones it asks, and how it signs, stays its own.
"use strict";

const http = require("http");
const https = require("https");
const path = require("path");

const url = process.env.PRACTICE_URL;
const own = path.join(process.env.PEER_MODULES, "twitter-api-v2", "dist", "cjs");
const globals = require(path.join(own, "globals.js"));
for (const [name, value] of Object.entries(globals)) {
  if (name.endsWith("_PREFIX")) {
    globals[name] = value.replace(/^https:\/\/[a-z.-]+/, url);
  }
}
https.request = (options) => {
  if (`http://${options.host}:${options.port}` !== url) {
    throw new Error(`${options.host} is not the practice server`);
  }
  return http.request(options);
};
