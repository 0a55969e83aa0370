// Facts of the installation, one a record: the key that signs cursors, how far the first start has come.
import { recordSchema, text } from './schemas.js';

export interface SettingRecord {
  readonly _id: string;
  readonly value: string;
}

export const settingSchema = recordSchema<SettingRecord>('settings', { _id: text(64), value: text(1000) });
