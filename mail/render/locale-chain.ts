// Which locales are tried, in order: de-CH, then de, then the template's default.

export const localeShape = /^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|\d{3}))?$/;

/** The locales to try for one that was asked for; one that isn't well-formed leaves the default alone. */
export function localeChain(asked: string, defaultLocale: string): readonly string[] {
  const chain: string[] = [];
  if (localeShape.test(asked)) {
    const parts = asked.split('-');
    for (let count = parts.length; count > 0; count -= 1) chain.push(parts.slice(0, count).join('-'));
  }
  return [...new Set([...chain, defaultLocale])];
}

/**
 * The locale by whose rules money and dates are written: the one asked for where the text is in its language, else that
 * of the text, so that an English mail never has German dates.
 */
export function formatLocale(asked: string, textLocale: string): string {
  return localeShape.test(asked) && asked.split('-')[0] === textLocale.split('-')[0] ? asked : textLocale;
}
