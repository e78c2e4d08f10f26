import type { Gateway } from '../core/gateway.ts';

/** What is told of providers now is that of the gateway whose settings hold now. Before there is one, of none. */
export type Followed = Pick<Gateway, 'providers' | 'health'>;
