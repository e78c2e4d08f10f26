import type { CodegenConfig } from '@graphql-codegen/cli';

const types = {
  plugins: ['typescript-operations'],
  config: {
    enumsAsTypes: true,
    useTypeImports: true,
    scalars: { DateTime: 'string', JSON: 'unknown', JSONObject: 'Record<string, unknown>' },
    strictScalars: true,
  },
};

/** Types of what the page and the client ask, by the schema: `npm run operations`. They vanish when scripts are served. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  generates: {
    'src/page/client/operations.ts': { documents: ['src/page/client/documents.ts'], ...types },
    'packages/client/src/operations.ts': { documents: ['packages/client/src/documents.ts'], ...types },
  },
};

export default config;
