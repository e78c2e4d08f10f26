import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { type BuiltIn, brokenReferences } from './references.ts';
import { type FileConfig, fileSchema } from './schema.ts';
import { explainUnknownSetting } from './unknown-setting.ts';

/** One problem with the configuration, as a line for the terminal. */
export type ConfigProblem = string;

/** Reads and validates the whole text. Each problem names file, line and path. */
export function readYaml(
  text: string,
  file: string,
  builtIn: readonly BuiltIn[],
): { config: FileConfig } | { problems: ConfigProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const at = (offset: number | undefined) => `${file}:${offset === undefined ? 1 : lines.linePos(offset).line}`;
  if (document.errors.length > 0) {
    return { problems: document.errors.map((error) => `${at(error.pos[0])}: ${error.message}`) };
  }
  if (document.contents === null) {
    return { problems: [`${file}:1: the file has no settings; delete it, or write some`] };
  }
  const result = fileSchema.safeParse(document.toJS({ maxAliasCount: 100 }) ?? {});
  if (result.success) {
    const broken = brokenReferences(result.data, builtIn);
    if (broken.length === 0) return { config: result.data };
    return { problems: broken.map(({ path, message }) => `${at(offsetOf(path))}: ${path.join('.')}: ${message}`) };
  }
  const problems = result.error.issues.flatMap((issue) => {
    // An unknown key is a problem of the key, not of the object around it.
    const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => {
      const isUnknown = issue.code === 'unrecognized_keys';
      const message = isUnknown ? explainUnknownSetting(fileSchema, path) : issue.message;
      const offset = (isUnknown ? offsetOfKey(path) : undefined) ?? offsetOf(path);
      return `${at(offset)}: ${z.core.toDotPath(path) || 'file'}: ${message}`;
    });
  });
  return { problems };

  /** The position of a key, which may stand on another line than its value. */
  function offsetOfKey(path: readonly PropertyKey[]): number | undefined {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    const key = isMap(parent)
      ? parent.items.map((pair) => pair.key).find((one) => isScalar(one) && one.value === path.at(-1))
      : undefined;
    return isNode(key) ? key.range?.[0] : undefined;
  }

  /** The position of the value, or of the nearest thing around it that exists. */
  function offsetOf(path: readonly PropertyKey[]): number | undefined {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node)) return node.range?.[0];
    }
    return undefined;
  }
}
