// The errors of the store room, in words for whoever operates it.
import { defineErrors } from '../engine/errors/catalogue.js';

const operator = { status: 500, who: 'operator', retryable: false } as const;

export const storeErrors = defineErrors('store', {
  unavailable: {
    ...operator,
    status: 503,
    retryable: true,
    title: 'Store not available',
    remedy: 'Send the request again once the store answers; the server log has the cause.',
  },
  full: {
    ...operator,
    status: 507,
    retryable: true,
    title: 'No space left for the store',
    remedy: 'Free space on the device of DATA_DIR; this request wrote nothing.',
  },
  'no-access': {
    ...operator,
    status: 503,
    title: 'Directory not usable',
    remedy: 'Name a directory that this process may read and write, and see who owns what is in it.',
  },
  'in-use': {
    ...operator,
    status: 503,
    title: 'Data directory in use',
    remedy: 'Stop the other process, or set DATA_DIR to another directory.',
  },
  'restore-under-way': {
    ...operator,
    status: 409,
    retryable: true,
    title: 'Another restore is under way',
    remedy: 'Wait until it has ended, then restore again.',
  },
  standalone: {
    ...operator,
    title: 'MongoDB without transactions',
    remedy: 'Run MongoDB as a replica set (one member is enough), or leave MONGODB_URI unset.',
  },
  damaged: {
    ...operator,
    title: 'Damaged store or backup',
    remedy: 'Restore a sound backup with `recourse restore <file>`; the present data is kept aside.',
  },
  'backup-not-supported': {
    ...operator,
    status: 501,
    title: 'No backup of MongoDB here',
    remedy: "Back up a MongoDB with MongoDB's own tools.",
  },
  'nothing-staged': {
    ...operator,
    status: 409,
    title: 'No backup waits to be restored',
    remedy: 'Restore with `recourse restore <file>`, which lays the checked copy ready first.',
  },
  'file-exists': {
    ...operator,
    status: 409,
    title: 'File exists',
    remedy: 'Name a file that does not exist: a backup never overwrites one.',
  },
});
