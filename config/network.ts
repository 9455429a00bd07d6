// Which machines this installation may speak to: cameras, and the other ends of channels. An address is looked at when it is typed and again each time a line is opened:
// a name is resolved once, what it stands for is checked, and the line goes to that very address, so that a name cannot become another machine between the look and the line (DNS rebinding).
// Kinds of addresses as in the registries of IANA for special purposes (RFC 6890), by ipaddr.js.
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Problem } from '../contract/problem.ts';

export type Network = {
  /** What can be said without asking a name server. Throws Problem addressRefused. */
  look(host: string, port: number | null): void;
  /** The one address that a line may be opened to. Rejects with Problem addressRefused, or with the name server's error (ENOTFOUND, EAI_AGAIN, ETIMEDOUT). */
  addressOf(host: string, port: number | null): Promise<{ address: string; family: 4 | 6 }>;
};

/** Words that a list may hold beside networks like 10.1.0.0/16 and single addresses. */
export const NETWORK_WORDS = ['public', 'private', 'loopback', 'linkLocal'] as const;
type Word = (typeof NETWORK_WORDS)[number];
export type Resolve = (name: string) => Promise<{ address: string; family: number }[]>;

const RESOLVE_WITHIN_MS = 5000;
/** What a machine in a cloud learns its own passwords from; refused whatever kind of network they lie in, unless one is listed by itself. AWS, GCP, Azure, Oracle, Alibaba, Tencent; the wire server of Azure. */
const METADATA = ['169.254.169.254', '169.254.170.2', '169.254.169.253', '169.254.0.23', '100.100.100.200', '192.0.0.192', '168.63.129.16', 'fd00:ec2::254', 'fd20:ce::254'].map((address) => ipaddr.parse(address).toString());
/** Doors of databases, queues, shells and of those who run containers: no camera and no gateway stands behind one. */
const PORTS_REFUSED = new Set([7, 11, 13, 17, 19, 20, 21, 22, 23, 37, 53, 69, 79, 111, 113, 119, 123, 135, 137, 139, 143, 161, 179, 389, 445, 512, 513, 514, 515, 520, 548, 636, 873, 993, 995, 1080, 1433, 1521, 2049, 2181, 2375, 2376, 2379, 2380, 3128, 3306, 3389, 4222, 5432, 5433, 5672, 5900, 5984, 5985, 6000, 6379, 6443, 7001, 7474, 8500, 9042, 9092, 9200, 9300, 10250, 11211, 15672, 27017, 50000, 50070, 61616]);

/** `allowed`: words, networks and single addresses. Throws Problem settingWrong under `setting`. */
export function networkOf({ allowed, setting, resolve = resolveByLookup }: { allowed: readonly string[]; setting: string; resolve?: Resolve }): Network {
  const words = new Set<Word>(), nets: [ipaddr.IPv4 | ipaddr.IPv6, number][] = [];
  for (const one of allowed) {
    if ((NETWORK_WORDS as readonly string[]).includes(one)) { words.add(one as Word); continue; }
    try { nets.push(one.includes('/') ? ipaddr.parseCIDR(one) : [ipaddr.parse(one), isIP(one) === 4 ? 32 : 128]); } catch { throw new Problem('settingWrong', { name: setting, reason: `"${one.slice(0, 60)}" is none of ${NETWORK_WORDS.join(', ')} and no network like 10.1.0.0/16` }); }
  }
  const misfit = (address: string): string | null => {
    let ip: ipaddr.IPv4 | ipaddr.IPv6;
    try { ip = innerOf(ipaddr.parse(address.replace(/%.*$/, ''))); } catch { return 'it is no address of a machine'; }
    const listed = nets.filter(([net]) => net.kind() === ip.kind()).find(([net, bits]) => ip.match(net as never, bits));
    const range = ip.range();
    // Never, not even by a list: these are no single machine.
    if (['unspecified', 'broadcast', 'multicast'].includes(range)) return KINDS[range as 'multicast'];
    if (METADATA.includes(ip.toString())) return listed !== undefined && listed[1] === (ip.kind() === 'ipv4' ? 32 : 128) ? null : 'it belongs to the cloud that this machine runs in, and hands out passwords';
    if (listed !== undefined) return null;
    switch (range) {
      case 'unicast': return words.has('public') ? null : 'it is a machine on the internet';
      case 'private': case 'uniqueLocal': case 'carrierGradeNat': return words.has('private') ? null : 'it is a machine of an inner network';
      case 'loopback': return words.has('loopback') ? null : 'it is this machine itself';
      case 'linkLocal': return words.has('linkLocal') ? null : 'it is an address without a network (link-local)';
      // Addresses of examples (RFC 5737, 3849) lead nowhere: whoever copies one from a manual is told so by the line.
      default: return words.has('public') && EXAMPLES.some(([net, bits]) => net.kind() === ip.kind() && ip.match(net as never, bits)) ? null : 'it is an address that no machine has';
    }
  };
  const look = (typed: string, port: number | null): string => {
    const host = typed.replace(/^\[|\]$/g, '').replace(/\.$/, '').toLowerCase();
    if (host === '') throw refused('the name of the machine is missing');
    // 2130706433, 0x7f.1 and 0177.0.0.1 are 127.0.0.1 to some programs and names to others.
    if (isIP(host) === 0 && /^(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*$/.test(host)) throw refused('a machine is named by four numbers from 0 to 255, or by its name');
    if (port !== null && PORTS_REFUSED.has(port)) throw refused(`nothing of this kind listens on port ${port}`);
    const wrong = isIP(host) === 0 ? (LOOPBACK_NAMES.test(host) && !words.has('loopback') && nets.length === 0 ? 'it is this machine itself' : null) : misfit(host);
    if (wrong !== null) throw refused(wrong);
    return host;
  };
  return {
    look(host, port) { look(host, port); },
    async addressOf(typed, port) {
      const host = look(typed, port), family = isIP(host);
      if (family !== 0) return { address: host, family: family as 4 | 6 };
      const found = await resolve(host);
      const fits = found.find(({ address }) => misfit(address) === null);
      if (fits !== undefined) return { address: fits.address, family: isIP(fits.address) as 4 | 6 };
      if (found.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
      throw refused(misfit(found[0]!.address)!);
    },
  };
}

export const channelNetwork = (allowed: readonly string[], resolve?: Resolve): Network => networkOf({ allowed, setting: 'channelNetworks', ...(resolve === undefined ? {} : { resolve }) });
export const cameraNetwork = (allowed: readonly string[], resolve?: Resolve): Network => networkOf({ allowed, setting: 'cameraNetworks', ...(resolve === undefined ? {} : { resolve }) });

const KINDS = { unspecified: 'it stands for every address of this machine', broadcast: 'it stands for all machines of a network', multicast: 'it stands for many machines' };
const EXAMPLES = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32'].map((net) => ipaddr.parseCIDR(net));
const LOOPBACK_NAMES = /^(localhost|.+\.localhost|localhost\.localdomain|ip6-localhost|ip6-loopback)$/;
const refused = (reason: string) => new Problem('addressRefused', { reason });

/** An IPv4 address that is wrapped in one of IPv6 is that one: mapped, compatible, translated (RFC 6052, 6145), 6to4 (RFC 3056). */
function innerOf(ip: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (!(ip instanceof ipaddr.IPv6)) return ip;
  const { parts } = ip, fourOf = (high: number, low: number) => new ipaddr.IPv4([high >> 8, high & 255, low >> 8, low & 255]);
  if (ip.isIPv4MappedAddress()) return ip.toIPv4Address();
  if (['rfc6052', 'rfc6145'].includes(ip.range())) return fourOf(parts[6]!, parts[7]!);
  if (ip.range() === '6to4') return fourOf(parts[1]!, parts[2]!);
  if (parts.slice(0, 6).every((part) => part === 0) && (parts[6] !== 0 || parts[7]! > 1)) return fourOf(parts[6]!, parts[7]!);
  return ip;
}

async function resolveByLookup(name: string): Promise<{ address: string; family: number }[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => { timer = setTimeout(() => reject(Object.assign(new Error('the name server does not answer'), { code: 'ETIMEDOUT' })), RESOLVE_WITHIN_MS); });
  try { return await Promise.race([lookup(name, { all: true, verbatim: true }), late]); } finally { clearTimeout(timer); }
}
