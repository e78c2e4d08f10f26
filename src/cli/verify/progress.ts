import type { CheckResult, Mode } from './check.ts';
import { plainText } from './plain-text.ts';
import type { Candidate } from './plan.ts';

export type Progress = {
  begin(model: Candidate, mode: Mode): void;
  end(result: CheckResult): void;
  /** Clears the current line for other output. */
  clear(): void;
};

/** A progress bar on a terminal; elsewhere one plain line per check. */
export function createProgress(output: NodeJS.WriteStream, planned: number): Progress {
  return output.isTTY ? createBar(output, planned) : createLines(output, planned);
}

function createLines(output: NodeJS.WriteStream, planned: number): Progress {
  const digits = `${planned}`.length;
  let done = 0;
  return {
    begin: () => {},
    end: ({ model, mode, error }) => {
      done += 1;
      const outcome = error ? `failed (${plainText(error.code)})` : 'ok';
      output.write(`${`${done}`.padStart(digits)}/${planned} ${plainText(model)}, ${mode}: ${outcome}\n`);
    },
    clear: () => {},
  };
}

const barWidth = 24;
/** Carriage return and an empty line. */
const emptyLine = '\r\x1b[K';

function createBar(output: NodeJS.WriteStream, planned: number): Progress {
  let [done, failed, current] = [0, 0, ''];
  const draw = () => {
    const filled = Math.round((done / planned) * barWidth);
    const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled);
    const line = `${bar} ${done}/${planned}${failed > 0 ? `, ${failed} failed` : ''}  ${current}`;
    // A line that wraps cannot be cleared.
    output.write(emptyLine + line.slice(0, output.columns - 1));
  };
  return {
    begin: (model, mode) => {
      current = `${plainText(model.id)} ${mode}`;
      draw();
    },
    end: ({ error }) => {
      done += 1;
      if (error) failed += 1;
      draw();
    },
    clear: () => void output.write(emptyLine),
  };
}
