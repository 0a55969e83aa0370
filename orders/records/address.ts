// A postal address as it was when the record was written: later changes of the customer don't reach it.

export interface AddressRecord {
  readonly name: string;
  readonly street: string;
  readonly city: string;
  readonly region?: string;
  readonly postalCode?: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  readonly phone?: string;
}
