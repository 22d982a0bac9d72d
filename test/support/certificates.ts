import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

/** A certificate and its private key, as PEM. */
export interface Certificate {
  cert: string;
  key: string;
}

interface Issuer extends Certificate {
  name: string;
  privateKey: KeyObject;
}

/**
 * A certificate authority that nobody trusts unless told to. It issues certificates for host names, valid for a day.
 */
export function certificateAuthority(): Certificate & { issue(...names: string[]): Certificate } {
  const authority = certify('test authority', undefined, [extension(BASIC_CONSTRAINTS, sequence(TRUE))]);
  return {
    ...authority,
    issue: (...names) => certify(names[0] ?? '', authority, [extension(ALT_NAMES, altNames(names))]),
  };
}

/** A certificate of version 3 (RFC 5280, section 4.1), signed by its issuer, or by itself. */
function certify(name: string, issuer: Issuer | undefined, extensions: Buffer[]): Issuer {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const now = Date.now();
  const toBeSigned = sequence(
    tagged(0xa0, integer(2)),
    tagged(INTEGER, Buffer.concat([Buffer.of(1), randomBytes(15)])),
    ECDSA_WITH_SHA256,
    commonName(issuer?.name ?? name),
    sequence(utcTime(now - DAY_MS), utcTime(now + DAY_MS)),
    commonName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', toBeSigned, issuer?.privateKey ?? privateKey);
  const der = sequence(toBeSigned, ECDSA_WITH_SHA256, tagged(BIT_STRING, Buffer.of(0), signature));
  return {
    name,
    privateKey,
    cert: `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

const DAY_MS = 86_400_000;

// The tags of DER that are used (X.690, section 8).
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const SEQUENCE = 0x30;
const SET = 0x31;
const DNS_NAME = 0x82;

function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const sequence = (...parts: Buffer[]): Buffer => tagged(SEQUENCE, ...parts);
const integer = (value: number): Buffer => tagged(INTEGER, Buffer.of(value));
const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'));
const extension = (id: Buffer, value: Buffer): Buffer => sequence(id, tagged(OCTET_STRING, value));

const TRUE = Buffer.of(0x01, 0x01, 0xff);
const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = oid('550403');
const BASIC_CONSTRAINTS = oid('551d13');
const ALT_NAMES = oid('551d11');

const commonName = (name: string): Buffer =>
  sequence(tagged(SET, sequence(COMMON_NAME, tagged(UTF8_STRING, Buffer.from(name)))));

const altNames = (names: readonly string[]): Buffer =>
  sequence(...names.map((name) => tagged(DNS_NAME, Buffer.from(name))));

/** `YYMMDDHHMMSSZ` (RFC 5280, section 4.1.2.5.1). */
function utcTime(time: number): Buffer {
  const digits = new Date(time).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return tagged(UTC_TIME, Buffer.from(`${digits}Z`));
}
