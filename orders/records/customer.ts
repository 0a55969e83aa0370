// A customer, the person who orders, and the account (company) the person orders for.
import type { AddressRecord } from './address.js';

export interface CustomerRecord {
  /** The customer number. */
  readonly _id: string;
  readonly firstName?: string;
  readonly lastName: string;
  readonly title?: string;
  /** The company. */
  readonly account: string;
  /** In lower case. */
  readonly email: string;
  readonly phone?: string;
  readonly fax?: string;
  readonly status: 'active' | 'inactive';
  readonly locale: string;
  readonly currency: string;
  readonly addresses: readonly AddressRecord[];
}
