import type { CodegenConfig } from '@graphql-codegen/cli';

/** Types of what the page asks, by the schema: `npm run operations`. They vanish when its scripts are served. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['src/page/client/documents.ts'],
  generates: {
    'src/page/client/operations.ts': {
      plugins: ['typescript-operations'],
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        scalars: { DateTime: 'string', JSONObject: 'Record<string, unknown>' },
        strictScalars: true,
      },
    },
  },
};

export default config;
