// What Northwind doesn't say about a country: code, currency, language, and illustrative taxes (no tax advice).

export interface SampleTax {
  readonly name: string;
  readonly rate: string;
}

export interface SampleCountry {
  readonly code: string;
  readonly currency: string;
  readonly locale: string;
  readonly site: 'europe' | 'north-america' | 'latin-america';
  readonly taxPolicy: 'net' | 'gross';
  readonly taxes: readonly SampleTax[];
  /** Instead of `taxes`, by Northwind's region. */
  readonly taxesByRegion?: Readonly<Record<string, readonly SampleTax[]>>;
}

const vat = (rate: string): readonly SampleTax[] => [{ name: 'VAT', rate }];
const salesTax = (rate: string): readonly SampleTax[] => [{ name: 'Sales tax', rate }];

const europe = { site: 'europe', taxPolicy: 'net' } as const;
const euro = { ...europe, currency: 'EUR' } as const;
const latinAmerica = { site: 'latin-america', taxPolicy: 'net', currency: 'USD' } as const;
const northAmerica = { site: 'north-america', taxPolicy: 'net' } as const;

/** By Northwind's name of the country. The United Kingdom and Ireland have gross prices, the others net ones. */
export const sampleCountries: Readonly<Record<string, SampleCountry>> = {
  Argentina: { ...latinAmerica, code: 'AR', locale: 'es-AR', taxes: vat('0.21') },
  Austria: { ...euro, code: 'AT', locale: 'de-AT', taxes: vat('0.20') },
  Belgium: { ...euro, code: 'BE', locale: 'fr-BE', taxes: vat('0.21') },
  Brazil: { ...latinAmerica, code: 'BR', locale: 'pt-BR', taxes: vat('0.17') },
  Canada: {
    ...northAmerica,
    code: 'CA',
    currency: 'CAD',
    locale: 'en-CA',
    taxes: [{ name: 'GST', rate: '0.05' }],
    taxesByRegion: {
      BC: [
        { name: 'GST', rate: '0.05' },
        { name: 'PST', rate: '0.07' },
      ],
      Québec: [
        { name: 'GST', rate: '0.05' },
        { name: 'QST', rate: '0.09975' },
      ],
    },
  },
  Denmark: { ...europe, code: 'DK', currency: 'DKK', locale: 'da-DK', taxes: vat('0.25') },
  Finland: { ...euro, code: 'FI', locale: 'fi-FI', taxes: vat('0.255') },
  France: { ...euro, code: 'FR', locale: 'fr-FR', taxes: vat('0.20') },
  Germany: { ...euro, code: 'DE', locale: 'de-DE', taxes: vat('0.19') },
  Ireland: { ...euro, code: 'IE', locale: 'en-IE', taxPolicy: 'gross', taxes: vat('0.23') },
  Italy: { ...euro, code: 'IT', locale: 'it-IT', taxes: vat('0.22') },
  Mexico: { ...latinAmerica, code: 'MX', locale: 'es-MX', taxes: vat('0.16') },
  Norway: { ...europe, code: 'NO', currency: 'NOK', locale: 'nb-NO', taxes: vat('0.25') },
  Poland: { ...europe, code: 'PL', currency: 'PLN', locale: 'pl-PL', taxes: vat('0.23') },
  Portugal: { ...euro, code: 'PT', locale: 'pt-PT', taxes: vat('0.23') },
  Spain: { ...euro, code: 'ES', locale: 'es-ES', taxes: vat('0.21') },
  Sweden: { ...europe, code: 'SE', currency: 'SEK', locale: 'sv-SE', taxes: vat('0.25') },
  Switzerland: { ...europe, code: 'CH', currency: 'CHF', locale: 'de-CH', taxes: vat('0.081') },
  UK: { ...europe, code: 'GB', currency: 'GBP', locale: 'en-GB', taxPolicy: 'gross', taxes: vat('0.20') },
  USA: {
    ...northAmerica,
    code: 'US',
    currency: 'USD',
    locale: 'en-US',
    taxes: [],
    taxesByRegion: {
      CA: salesTax('0.0725'),
      ID: salesTax('0.06'),
      NM: salesTax('0.04875'),
      WA: salesTax('0.065'),
      WY: salesTax('0.04'),
    },
  },
  Venezuela: { ...latinAmerica, code: 'VE', locale: 'es-VE', taxes: vat('0.16') },
};

/** @throws {RangeError} for a country that the table lacks: the mapping must not guess. */
export function sampleCountry(name: string): SampleCountry {
  const country = sampleCountries[name];
  if (country === undefined) throw new RangeError(`no sample country is called ${name}`);
  return country;
}

/** The taxes at a place; none where none are listed (Oregon, Montana and Alaska have no sales tax). */
export function taxesAt(country: SampleCountry, region: string | null): readonly SampleTax[] {
  return (region === null ? undefined : country.taxesByRegion?.[region]) ?? country.taxes;
}
