import { chatLimits } from '../core/message.ts';
import { builder } from './builder.ts';
import { DisconnectPolicyEnum, ImageDetail, ReasoningEffort, Role, ToolChoiceMode } from './enums.ts';

/** The shape of a request. Rules for values are stated once, in core/chat.ts. */

const ImageInput = builder.inputType('ImageInput', {
  description: 'An image.',
  fields: (t) => ({
    url: t.string({
      required: true,
      description: 'An https URL, which the provider fetches, or a data URL (png, jpeg, gif, webp).',
    }),
    detail: t.field({
      type: ImageDetail,
      description: "The resolution at which the model looks at it. Default: the provider's.",
    }),
  }),
});

const ContentPartInput = builder.inputType('ContentPartInput', {
  description: 'A part of a message: exactly one of these fields.',
  isOneOf: true,
  fields: (t) => ({
    text: t.string({ description: 'Text.' }),
    image: t.field({
      type: ImageInput,
      description: 'An image. Only in user messages, and only for models that take images.',
    }),
  }),
});

const ToolCallInput = builder.inputType('ToolCallInput', {
  description: 'A tool call of an earlier answer, unchanged.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id.' }),
    name: t.string({ required: true, description: 'Name of the tool.' }),
    arguments: t.string({ required: true, description: 'Its arguments as JSON text.' }),
  }),
});

const MessageInput = builder.inputType('MessageInput', {
  description: 'One message of a conversation.',
  fields: (t) => ({
    role: t.field({ type: Role, required: true, description: 'The role of its author.' }),
    content: t.string({ description: 'Its text. Give either this or `parts`.' }),
    parts: t.field({
      type: [ContentPartInput],
      description: `Its parts, at most ${chatLimits.parts}. Give either this or \`content\`.`,
    }),
    toolCalls: t.field({ type: [ToolCallInput], description: 'The tool calls of an assistant message.' }),
    toolCallId: t.id({ description: 'Id of the tool call that a tool message answers. Required in tool messages.' }),
    providerState: t.string({
      description:
        'The `providerState` of the answer that became this assistant message, unchanged. Models that sign their reasoning need it after a tool call.',
    }),
  }),
});

const ToolInput = builder.inputType('ToolInput', {
  description: 'A function that the model may ask the application to call.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: `Letters, digits, "_" and "-", at most ${chatLimits.name} characters. Unique in a request.`,
    }),
    description: t.string({ description: 'What the tool does and when to call it. The model reads it.' }),
    parameters: t.field({
      type: 'JSONObject',
      description: 'JSON schema of its arguments, an object. Default: no arguments.',
    }),
    strict: t.boolean({
      description: "Whether arguments must follow the schema exactly. Default: the provider's.",
    }),
  }),
});

const ToolChoiceInput = builder.inputType('ToolChoiceInput', {
  description: 'Which tools the model may call: exactly one of these fields.',
  isOneOf: true,
  fields: (t) => ({
    mode: t.field({ type: ToolChoiceMode, description: 'Whether the model calls tools.' }),
    tool: t.string({ description: 'Name of the one tool that the model has to call.' }),
  }),
});

const JsonSchemaInput = builder.inputType('JsonSchemaInput', {
  description: 'A JSON schema for the answer.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Letters, digits, "_" and "-".' }),
    description: t.string({ description: 'What the schema describes. The model reads it.' }),
    schema: t.field({ type: 'JSONObject', required: true, description: 'The JSON schema, an object.' }),
    strict: t.boolean({ description: "Whether the answer must follow the schema exactly. Default: the provider's." }),
  }),
});

const ResponseFormatInput = builder.inputType('ResponseFormatInput', {
  description:
    'The format of the answer: exactly one of these fields. A model that cannot guarantee it gets an instruction in the prompt, and the answer carries a warning.',
  isOneOf: true,
  fields: (t) => ({
    text: t.boolean({ description: 'Plain text, the default. Only `true` is valid.' }),
    jsonObject: t.boolean({ description: 'Any JSON object. Only `true` is valid.' }),
    jsonSchema: t.field({ type: JsonSchemaInput, description: 'JSON that follows a schema.' }),
  }),
});

export const ChatInput = builder.inputType('ChatInput', {
  description:
    'A chat request. An option that the target does not support is left out with a warning (temperature, topP, penalties, seed, stop, user, parallelToolCalls, effort), or the request is refused before anything is spent (tools, toolChoice, images, no reasoning).',
  fields: (t) => ({
    model: t.string({
      required: true,
      description:
        'The model: "anthropic/claude-sonnet-4-5", or its bare name together with `provider`. It need not be in the catalogue. "route/fast" names one of `routes`.',
    }),
    provider: t.string({ description: 'Id of the provider, if `model` is a bare name.' }),
    messages: t.field({
      type: [MessageInput],
      required: true,
      description: `The conversation so far, oldest message first, at most ${chatLimits.messages} messages.`,
    }),
    systemMessage: t.string({ description: 'Instructions, sent as a system message before all others.' }),
    temperature: t.float({
      description: "Sampling temperature, 0 to 2; some providers accept less. Default: the provider's.",
    }),
    topP: t.float({
      description:
        "Nucleus sampling: the share of the most likely tokens to choose from, 0 to 1. Default: the provider's.",
    }),
    maxTokens: t.int({
      description: "Maximum tokens of the answer, reasoning included, from 1. Default: the provider's.",
    }),
    stop: t.stringList({
      description: `Stop sequences: the answer ends before one of them. At most ${chatLimits.stop}.`,
    }),
    frequencyPenalty: t.float({
      description:
        "Penalizes tokens in proportion to how often they have appeared, from -2 to 2. Default: the provider's.",
    }),
    presencePenalty: t.float({
      description: "Penalizes tokens that have appeared at all, from -2 to 2. Default: the provider's.",
    }),
    seed: t.int({ description: 'Seed for best-effort deterministic sampling.' }),
    responseFormat: t.field({ type: ResponseFormatInput, description: 'The format of the answer. Default: text.' }),
    reasoningEffort: t.field({
      type: ReasoningEffort,
      description: "The reasoning effort. Default: the provider's.",
    }),
    tools: t.field({
      type: [ToolInput],
      description: `Functions that the model may call, at most ${chatLimits.tools}.`,
    }),
    toolChoice: t.field({
      type: ToolChoiceInput,
      description: 'Which tools the model may call. Default: AUTO.',
    }),
    parallelToolCalls: t.boolean({
      description: "Whether the model may call several tools at once. Default: the provider's.",
    }),
    fallbacks: t.stringList({
      description: `Models or routes to try in this order when the ones before fail, at most ${chatLimits.fallbacks}. None is tried after the first content.`,
    }),
    user: t.string({
      description:
        "An id of the end user for the provider's abuse detection, at most 256 characters. Not personal data.",
    }),
    onDisconnect: t.field({
      type: DisconnectPolicyEnum,
      description:
        'For chatStream: what happens when the last client disconnects. Default: STOP. The operator may forbid the others (`resume.allow`). With a `requestId`, sending the same request again follows the stream from its beginning instead of being refused.',
    }),
    requestId: t.id({
      description:
        'An idempotency key, at most 256 characters. A second request with the key of one that is running, or ended less than 5 minutes ago, is refused with DUPLICATE_REQUEST: a client that reconnects by itself never pays twice. If no provider had begun to work, the key is free at once.',
    }),
  }),
});
