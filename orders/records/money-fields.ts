// How amounts lie in records: integer minor units of the record's currency, so that nothing is ever rounded by storing.

/** Minor units (cents, yen, fils) of the currency that the record names; stored as a 64-bit integer. */
export type Minor = bigint;

/** A decimal fraction as text: `"0.19"` is 19 %. */
export type RateText = string;
