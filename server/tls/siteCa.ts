// A certificate authority of this installation alone: made at first need, kept sealed with the other secrets, able to speak for nothing but this machine's own names and private
// addresses (RFC 5280, name constraints), so that a phone which trusts it gives nobody power over the rest of the web.
import 'reflect-metadata';
import { createHash, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import ipaddr from 'ipaddr.js';
import Type from 'typebox';
import { Problem } from '../../contract/problem.ts';
import { checker, strictObject } from '../../contract/schema.ts';
import type { SecretsStore } from '../../store/secretsStore.ts';
import { bareName, isHostName } from './machineNames.ts';

export type KeptSecrets = Pick<SecretsStore, 'keptSecret' | 'keepSecret'>;
export type SiteCa = {
  pem: string; der: Uint8Array;
  /** SHA-256, as people compare it: pairs of capital hex digits with colons. */
  fingerprint256: string; endsAtMs: number;
  /** Whether the CA may speak for this name or address (without brackets). */
  mayName(name: string): boolean;
  /** A certificate for these names and addresses with a key of its own, for LEAF_MS or as long as the CA itself lasts. */
  leafFor(names: readonly string[], nowMs: number): Promise<{ cert: string; key: string; endsAtMs: number }>;
};

const DAY_MS = 86_400_000;
export const CA_MS = 10 * 365 * DAY_MS;
/** Phones refuse more than 397 days (CA/Browser Forum; Apple from 2020 on); a shorter one limits the harm of a stolen key. */
export const LEAF_MS = 90 * DAY_MS;
/** A phone whose clock is behind must not see a certificate of the future. */
const BACKDATED_MS = DAY_MS;
const CURVE = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

const Kept = strictObject({ certificatePem: Type.String({ maxLength: 20_000 }), keyPkcs8: Type.String({ maxLength: 2000 }) });
const checkKept = checker(Kept);

/**
 * The CA of this number, the same one in every process. `names`: what it may speak for beside private networks, if it is made now.
 * Rejects with Problem certificateUnusable when what was kept is not whole.
 */
export async function openSiteCa({ secrets, number, names, nowMs }: { secrets: KeptSecrets; number: number; names: readonly string[]; nowMs: number }): Promise<SiteCa> {
  const name = `tls/siteCa${number}`, made = () => make(names, nowMs);
  const there = await caOf(await secrets.keptSecret(name, made));
  if (there.endsAtMs > nowMs + DAY_MS) return there;
  // One that is over is trusted by nobody any more.
  await secrets.keepSecret(name, await made());
  return await caOf(await secrets.keptSecret(name, made));
}

async function make(names: readonly string[], nowMs: number): Promise<string> {
  const keys = await webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify']) as webcrypto.CryptoKeyPair;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // The short number tells two installations apart in a phone's list.
    name: [{ CN: [`Crowdlight site CA ${randomBytes(3).toString('hex')}`] }, { O: ['Crowdlight'] }], serialNumber: serial(), notBefore: new Date(nowMs - BACKDATED_MS), notAfter: new Date(nowMs + CA_MS), signingAlgorithm: CURVE, keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true), new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey), nameConstraints([...LOCAL_NAMES, ...names.map(bareName)]),
    ],
  });
  return JSON.stringify({ certificatePem: certificate.toString('pem'), keyPkcs8: Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64') });
}

async function caOf(kept: string): Promise<SiteCa> {
  let certificate: x509.X509Certificate, key: webcrypto.CryptoKey;
  try {
    const checked = checkKept(JSON.parse(kept));
    if (!checked.ok) throw new Error('it is not what this program wrote');
    certificate = new x509.X509Certificate(checked.value.certificatePem);
    key = await webcrypto.subtle.importKey('pkcs8', Buffer.from(checked.value.keyPkcs8, 'base64'), CURVE, false, ['sign']);
  } catch (error) { throw new Problem('certificateUnusable', { name: 'site CA', reason: (error as Error).message }); }
  const pem = certificate.toString('pem'), der = new Uint8Array(certificate.rawData), endsAtMs = certificate.notAfter.getTime();
  const permitted = permittedBy(certificate);
  const mayName = (name: string) => (isIP(name) !== 0 ? permitted.ranges.some((range) => within(name, range)) : permitted.names.some((one) => name === one || name.endsWith(`.${one}`)));
  return {
    pem, der, endsAtMs, mayName, fingerprint256: createHash('sha256').update(der).digest('hex').toUpperCase().replace(/(..)(?=.)/g, '$1:'),
    async leafFor(names, nowMs) {
      const keys = await webcrypto.subtle.generateKey(CURVE, true, ['sign', 'verify']) as webcrypto.CryptoKeyPair;
      const untilMs = Math.min(nowMs + LEAF_MS, endsAtMs);
      const leaf = await x509.X509CertificateGenerator.create({
        serialNumber: serial(), issuer: certificate.subjectName, subject: 'CN=Crowdlight', notBefore: new Date(Math.max(nowMs - BACKDATED_MS, certificate.notBefore.getTime())), notAfter: new Date(untilMs), signingAlgorithm: CURVE, publicKey: keys.publicKey, signingKey: key,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true), new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true), new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
          new x509.SubjectAlternativeNameExtension(names.map((name) => ({ type: isIP(name) !== 0 ? 'ip' as const : 'dns' as const, value: name }))),
          await x509.SubjectKeyIdentifierExtension.create(keys.publicKey), await x509.AuthorityKeyIdentifierExtension.create(certificate.publicKey),
        ],
      });
      const keyPem = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64').replace(/(.{64})/g, '$1\n');
      return { cert: `${leaf.toString('pem')}\n${pem}`, key: `-----BEGIN PRIVATE KEY-----\n${keyPem}\n-----END PRIVATE KEY-----\n`, endsAtMs: untilMs };
    },
  };
}

/** Names that mean a machine nearby, on any network (RFC 6761, 6762, 8375; .internal by ICANN 2024; .lan by custom), and the private ranges (RFC 1918, 4193, loopback). */
const LOCAL_NAMES = ['localhost', 'local', 'lan', 'internal', 'home.arpa', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '127.0.0.0/8', '::1/128', 'fc00::/7'];

// --- name constraints: no class of the library writes them; DER by RFC 5280, 4.2.1.10
const OID_NAME_CONSTRAINTS = '2.5.29.30';
function nameConstraints(names: readonly string[]): x509.Extension {
  const subtrees = [...new Set(names)].flatMap((name) => {
    const range = rangeOf(name);
    // GeneralName: [7] an address with its mask, [2] a name and all below it.
    if (range !== null) return [tlv(0x30, tlv(0x87, Uint8Array.from([...range.address, ...range.mask])))];
    return isHostName(name) ? [tlv(0x30, tlv(0x82, new TextEncoder().encode(name.toLowerCase())))] : [];
  });
  return new x509.Extension(OID_NAME_CONSTRAINTS, true, tlv(0x30, tlv(0xa0, Buffer.concat(subtrees))));
}
type Range = { address: number[]; mask: number[] };
function rangeOf(name: string): Range | null {
  const [address = '', bits] = name.split('/');
  if (isIP(address) === 0) return null;
  const bytes = ipaddr.parse(address).toByteArray(), most = bits === undefined ? bytes.length * 8 : Number(bits);
  return { address: bytes, mask: bytes.map((_, at) => (0xff << (8 - Math.max(0, Math.min(8, most - at * 8)))) & 0xff) };
}
function within(address: string, range: Range): boolean {
  const bytes = ipaddr.parse(address).toByteArray();
  return bytes.length === range.address.length && bytes.every((byte, at) => (byte & range.mask[at]!) === (range.address[at]! & range.mask[at]!));
}
/** What a CA of ours permits; one without constraints is none of ours and permits nothing. */
function permittedBy(certificate: x509.X509Certificate): { names: string[]; ranges: Range[] } {
  const permitted = { names: [] as string[], ranges: [] as Range[] }, extension = certificate.getExtension(OID_NAME_CONSTRAINTS);
  if (extension === null) return permitted;
  const [whole] = partsOf(new Uint8Array(extension.value)), [list] = partsOf(whole!.value);
  for (const subtree of partsOf(list!.value)) {
    const [name] = partsOf(subtree.value);
    if (name!.tag === 0x82) permitted.names.push(new TextDecoder().decode(name!.value));
    else permitted.ranges.push({ address: [...name!.value.subarray(0, name!.value.length / 2)], mask: [...name!.value.subarray(name!.value.length / 2)] });
  }
  return permitted;
}
function tlv(tag: number, value: Uint8Array): Uint8Array {
  const length = value.length < 128 ? [value.length] : value.length < 256 ? [0x81, value.length] : [0x82, value.length >> 8, value.length & 255];
  return Uint8Array.from([tag, ...length, ...value]);
}
function partsOf(bytes: Uint8Array): { tag: number; value: Uint8Array }[] {
  const parts: { tag: number; value: Uint8Array }[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at]!, first = bytes[at + 1]!, more = first < 128 ? 0 : first & 127;
    let length = more === 0 ? first : 0;
    for (let index = 0; index < more; index++) length = length * 256 + bytes[at + 2 + index]!;
    const from = at + 2 + more;
    parts.push({ tag, value: bytes.subarray(from, from + length) });
    at = from + length;
  }
  return parts;
}

/** 20 octets at most, positive (RFC 5280, 4.1.2.2). */
const serial = (): string => `4${randomBytes(16).toString('hex').slice(1)}`;
