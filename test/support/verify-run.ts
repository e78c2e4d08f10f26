import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../../src/cli/verify/report.ts';
import { type GatewaySettings, runParley } from './gateway-process.ts';

export function reportFile(): string {
  return join(mkdtempSync(join(tmpdir(), 'parley-report-')), 'report.json');
}

export function readReport(file: string): Report {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Runs the real `parley verify`, and returns its output. */
export async function runVerify({ args = [], ...settings }: GatewaySettings) {
  const json = reportFile();
  const { code, output } = await runParley({ ...settings, args: ['verify', ...args, '--json', json] });
  return { code, output, report: () => readReport(json) };
}

/** Model, mode and code of each check, one line each. */
export function outcomes({ results }: Report): string[] {
  return results.map(({ model, mode, error }) => `${model} ${mode} ${error?.code ?? 'ok'}`);
}
