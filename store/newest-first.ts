// Lists of the newest first: by a time, and by id where times are the same. What comes in meanwhile moves nothing.
import mongoose from 'mongoose';

/** The place of a row in such a list. */
export interface Position {
  readonly at: Date;
  readonly id: string;
}

export interface PageOf {
  readonly after?: Position;
  readonly limit: number;
}

/**
 * The condition for what comes after a position.
 *
 * @param time the field that is sorted by
 * @param range further bounds of it
 * @param stored how the field holds an instant
 */
export function afterPosition(
  time: string,
  after: Position | undefined,
  range: Readonly<Record<string, Date>> = {},
  stored: (at: Date) => unknown = (at) => at,
): Record<string, unknown> {
  const bounds = { ...range, ...(after === undefined ? {} : { $lte: stored(after.at) }) };
  return {
    ...(Object.keys(bounds).length === 0 ? {} : { [time]: mongoose.trusted(bounds) }),
    // At the position's very instant, the id decides.
    ...(after === undefined
      ? {}
      : {
          $or: [
            { [time]: mongoose.trusted({ $lt: stored(after.at) }) },
            { _id: mongoose.trusted({ $lt: after.id }) },
          ],
        }),
  };
}
