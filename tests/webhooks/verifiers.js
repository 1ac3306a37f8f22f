// Verifiers as the vendors' documentation has them. One line of JSON in, one line out: whether the delivery is genuine.
const crypto = require('node:crypto');
const readline = require('node:readline');

const equal = (one, other) => one.length === other.length && crypto.timingSafeEqual(Buffer.from(one), Buffer.from(other));
const hmac = (algorithm, key, text) => crypto.createHmac(algorithm, key).update(text);

const verifiers = {
  // Raw body, timestamp and v1, the secret as it was shown.
  sonovault({ headers, body, secret }) {
    const parts = Object.fromEntries(headers['SonoVault-Signature'].split(',').map((part) => part.split('=')));
    return equal(parts.v1, hmac('sha256', secret, `${parts.t}.${body}`).digest('hex'));
  },
  // Any of the signatures of the header; the key is base64 behind its prefix.
  standard({ headers, body, secret }) {
    const key = Buffer.from(secret.split('_')[1], 'base64');
    const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const expected = `v1,${hmac('sha256', key, text).digest('base64')}`;
    return headers['webhook-signature'].split(' ').some((signature) => equal(signature, expected));
  },
  // The example signs what it has parsed and written again.
  cyanite({ headers, body, secret }) {
    const again = JSON.stringify(JSON.parse(body));
    return equal(headers.Signature, hmac('sha512', secret, again).digest('hex'));
  },
  labelstart({ body, secret }) {
    return equal(JSON.parse(body).token, secret);
  },
  // Any v1; the key is the text behind the prefix.
  sonzai({ headers, body, secret }) {
    const pairs = headers['Sonzai-Signature'].split(',').map((part) => part.split('='));
    const time = pairs.find(([name]) => name === 't')[1];
    const expected = hmac('sha256', secret.replace(/^whsec_/, ''), `${time}.${body}`).digest('hex');
    return pairs.some(([name, value]) => name === 'v1' && equal(value, expected));
  },
  // No verifier: the body as JavaScript writes it again.
  again({ body }) {
    return JSON.stringify(JSON.parse(body));
  },
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const delivery = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(verifiers[delivery.verifier](delivery))}\n`);
});
