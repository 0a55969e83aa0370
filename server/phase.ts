// Where the process is in its life.

export type Phase = 'starting' | 'ready' | 'restoring' | 'stopping';
