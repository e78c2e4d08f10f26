/** A line chart as SVG, for a page that may be light or dark: both axes logarithmic, every point named in its title. */

export type Line = { readonly name: string; readonly points: readonly Point[] };
export type Point = { readonly x: number; readonly y: number; readonly label: string };
export type Axis = {
  readonly title: string;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
};

const [width, height] = [760, 400];
const plot = { left: 70, right: 170, top: 20, bottom: 55 };
/** Colors that color-blind readers can distinguish, on white and on black (Okabe and Ito). */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];

export function toChart(description: string, x: Axis, y: Axis, lines: readonly Line[]): string {
  const right = width - plot.right;
  const bottom = height - plot.bottom;
  const across = scale(x, plot.left, right);
  const up = scale(y, bottom, plot.top);
  const grid = [
    ...x.ticks.map(({ at, label }) => vertical(across(at), label)),
    ...y.ticks.map(({ at, label }) => horizontal(up(at), label)),
  ];
  const drawn = lines.map(({ name, points }, index) => {
    const colour = colours[index % colours.length];
    const places = points.map((point) => `${round(across(point.x))},${round(up(point.y))}`);
    const dots = points.map(
      ({ label }, at) =>
        `<circle cx="${places[at]?.split(',')[0]}" cy="${places[at]?.split(',')[1]}" r="4" fill="${colour}"><title>${name}: ${label}</title></circle>`,
    );
    const nameAt = `x="${right + 12}" y="${plot.top + 14 + 22 * index}"`;
    return [
      `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...dots,
      `<text ${nameAt}><tspan fill="${colour}">●</tspan> ${name}</text>`,
    ].join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif" font-size="13">
<title>${description}</title>
<style>
  text { fill: #1f2328 } line { stroke: #d1d9e0 }
  @media (prefers-color-scheme: dark) { text { fill: #f0f6fc } line { stroke: #3d444d } }
</style>
${grid.join('\n')}
<text x="${(plot.left + right) / 2}" y="${height - 12}" text-anchor="middle">${x.title}</text>
<text transform="translate(16 ${(plot.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${y.title}</text>
${drawn.join('\n')}
</svg>
`;

  function vertical(at: number, label: string): string {
    return `<line x1="${round(at)}" x2="${round(at)}" y1="${plot.top}" y2="${bottom}"/><text x="${round(at)}" y="${bottom + 18}" text-anchor="middle">${label}</text>`;
  }

  function horizontal(at: number, label: string): string {
    return `<line x1="${plot.left}" x2="${right}" y1="${round(at)}" y2="${round(at)}"/><text x="${plot.left - 8}" y="${round(at + 4)}" text-anchor="end">${label}</text>`;
  }
}

/** From the first tick to the last one. */
function scale({ ticks }: Axis, from: number, to: number): (value: number) => number {
  const first = Math.log10(ticks[0]?.at ?? 1);
  const last = Math.log10(ticks.at(-1)?.at ?? 10);
  return (value) => from + ((to - from) * (Math.log10(value) - first)) / (last - first);
}

function round(value: number): string {
  return value.toFixed(1);
}
