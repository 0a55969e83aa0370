// Which addresses are on the public internet. Not among them: loopback, private and link-local networks, carrier-grade NAT,
// the metadata services of clouds, IPv4 inside of IPv6 (mapped, 6to4, NAT64, Teredo), multicast, reserved.
import ipaddr from 'ipaddr.js';

/** False for what is no address, too. */
export const isPublicAddress = (address: string): boolean =>
  ipaddr.isValid(address) && ipaddr.parse(address).range() === 'unicast';
