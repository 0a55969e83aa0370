// A fault that refuses a start or an answer, as its sender is told: with the element and its flow, as an incident would say it.
import { RecourseError } from '../../errors/recourse-error.js';
import type { SegmentEnd } from '../segment/segment-task.js';

type Stopped = Extract<SegmentEnd, { kind: 'incident' }>;

/** Undefined if it is not known what was thrown. */
export function toRefused({ thrown, flow, incident }: Stopped): RecourseError | undefined {
  if (thrown === undefined) return undefined;
  const { code, entry, message, problems, data } = thrown;
  const place = { flow, element: incident.place.element };
  const inside = (data['beforeSave'] ?? place) as typeof place;
  // Other errors say to people what they can do about it; these speak of variables and rules.
  const detail = /^(run|expression)\./.test(code)
    ? `${message} (${inside.element} of ${inside.flow})`
    : message;
  return new RecourseError(code, entry, detail, { problems, data: { ...data, place }, cause: thrown });
}
