import { GatewayError } from '../core/errors.ts';
import { type Route, type RouteTarget, routePrefix } from '../core/model.ts';
import type { Random } from '../core/ports.ts';

/** The targets of a route in the order of this request. */
export function drawTargets({ targets }: Route, random: Random): readonly RouteTarget[] {
  const isWeighted = targets.some(({ weight }) => weight !== undefined);
  return isWeighted ? shuffle(targets, random) : targets;
}

/** Draws targets by weight, without replacement: the first is used, the others are its fallbacks. */
function shuffle(targets: readonly RouteTarget[], random: Random): readonly RouteTarget[] {
  const left = [...targets];
  const drawn: RouteTarget[] = [];
  while (left.length > 0) {
    const total = left.reduce((sum, { weight = 0 }) => sum + weight, 0);
    let draw = random() * total;
    const found = left.findIndex(({ weight = 0 }) => {
      draw -= weight;
      return draw < 0;
    });
    drawn.push(...left.splice(Math.max(0, found), 1));
  }
  return drawn;
}

export function unknownRoute(name: string, path: string, routes: Iterable<string>): GatewayError {
  const known = [...routes].map((route) => `${routePrefix}/${route}`).join(', ');
  const hint = known ? `Known: ${known}.` : 'No route is configured ("routes" in parley.yaml).';
  // The name is the caller's own text.
  const message = `Unknown route ${JSON.stringify(name.slice(0, 40))}. ${hint}`;
  return new GatewayError('MODEL_NOT_FOUND', message, { issues: [{ path, message }] });
}
