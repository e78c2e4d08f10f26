import { chatLimits } from '../core/message.ts';
import { builder } from './builder.ts';
import { ImageDetail, ReasoningEffort, Role, ToolChoiceMode } from './enums.ts';

/** The shape of a request. Rules for values are stated once, in core/chat.ts. */

const ImageInput = builder.inputType('ImageInput', {
  description: 'An image.',
  fields: (t) => ({
    url: t.string({
      required: true,
      description: 'An https URL, which the provider fetches, or a data URL (png, jpeg, gif, webp).',
    }),
    detail: t.field({ type: ImageDetail, description: "How closely to look. Default: the provider's own." }),
  }),
});

const ContentPartInput = builder.inputType('ContentPartInput', {
  description: 'A piece of a message: exactly one of these.',
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
  description: 'A tool call of an earlier answer, as it was received.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Its id.' }),
    name: t.string({ required: true, description: 'Name of the tool.' }),
    arguments: t.string({ required: true, description: 'Its arguments, as JSON text.' }),
  }),
});

const MessageInput = builder.inputType('MessageInput', {
  description: 'One message of a conversation.',
  fields: (t) => ({
    role: t.field({ type: Role, required: true, description: 'Who says it.' }),
    content: t.string({ description: 'Its text. Give this or `parts`.' }),
    parts: t.field({
      type: [ContentPartInput],
      description: `Its pieces, ${chatLimits.parts} at most. Give this or \`content\`.`,
    }),
    toolCalls: t.field({ type: [ToolCallInput], description: 'The tool calls of an assistant message.' }),
    toolCallId: t.id({ description: 'The call that a tool message answers. Required there.' }),
    providerState: t.string({
      description:
        'The `providerState` of the answer that this assistant message was, unchanged. Models that sign their reasoning need it to go on after a tool call.',
    }),
  }),
});

const ToolInput = builder.inputType('ToolInput', {
  description: 'A function that the model may ask the application to call.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: `Letters, digits, "_" and "-", ${chatLimits.name} at most. Unique in a request.`,
    }),
    description: t.string({ description: 'What it does and when to call it.' }),
    parameters: t.field({ type: 'JSONObject', description: 'JSON schema of its arguments, an object. Default: none.' }),
    strict: t.boolean({
      description: "Whether arguments must follow the schema exactly. Default: the provider's own.",
    }),
  }),
});

const ToolChoiceInput = builder.inputType('ToolChoiceInput', {
  description: 'Whether and which tools are called: exactly one of these.',
  isOneOf: true,
  fields: (t) => ({
    mode: t.field({ type: ToolChoiceMode, description: 'Whether the model calls tools.' }),
    tool: t.string({ description: 'Name of the one tool that the model has to call.' }),
  }),
});

const JsonSchemaInput = builder.inputType('JsonSchemaInput', {
  description: 'A schema that the answer follows.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Letters, digits, "_" and "-".' }),
    description: t.string({ description: 'What it describes; the model reads it.' }),
    schema: t.field({ type: 'JSONObject', required: true, description: 'The JSON schema, an object.' }),
    strict: t.boolean({ description: "Whether the answer must follow it exactly. Default: the provider's own." }),
  }),
});

const ResponseFormatInput = builder.inputType('ResponseFormatInput', {
  description:
    'The form of the answer: exactly one of these. A model that does not guarantee it is asked for it in the prompt, and the answer carries a warning.',
  isOneOf: true,
  fields: (t) => ({
    text: t.boolean({ description: 'Plain text. The default. Only `true` makes sense.' }),
    jsonObject: t.boolean({ description: 'Some JSON object. Only `true` makes sense.' }),
    jsonSchema: t.field({ type: JsonSchemaInput, description: 'JSON that follows a schema.' }),
  }),
});

export const ChatInput = builder.inputType('ChatInput', {
  description:
    'A request for an answer. An option that the target cannot honour is left out with a warning (temperature, topP, penalties, seed, stop, user, parallelToolCalls, effort), or refused before anything is spent (tools, toolChoice, images, no reasoning).',
  fields: (t) => ({
    model: t.string({
      required: true,
      description:
        'Who answers: "anthropic/claude-sonnet-4-5", or the bare name together with `provider`. Need not be in the catalogue. "route/fast" names one of `routes`.',
    }),
    provider: t.string({ description: 'Id of the provider, where `model` is a bare name.' }),
    messages: t.field({
      type: [MessageInput],
      required: true,
      description: `The conversation so far, oldest first, ${chatLimits.messages} messages at most.`,
    }),
    systemMessage: t.string({ description: 'Instructions, as a system message before all others.' }),
    temperature: t.float({ description: 'Randomness, 0 to 2; some providers take less.' }),
    topP: t.float({ description: 'Share of likely tokens to choose from, 0 to 1.' }),
    maxTokens: t.int({
      description: 'Most tokens of the answer, reasoning included. Default: as much as the provider allows.',
    }),
    stop: t.stringList({ description: `Texts at which the answer ends, ${chatLimits.stop} at most.` }),
    frequencyPenalty: t.float({ description: 'Against tokens by how often they occurred, -2 to 2.' }),
    presencePenalty: t.float({ description: 'Against tokens that occurred at all, -2 to 2.' }),
    seed: t.int({ description: 'For answers that can be repeated, as far as a provider can.' }),
    responseFormat: t.field({ type: ResponseFormatInput, description: 'The form of the answer. Default: text.' }),
    reasoningEffort: t.field({
      type: ReasoningEffort,
      description: "How much to reason. Default: the provider's own.",
    }),
    tools: t.field({
      type: [ToolInput],
      description: `Functions that the model may call, ${chatLimits.tools} at most.`,
    }),
    toolChoice: t.field({
      type: ToolChoiceInput,
      description: 'Whether and which tools are called. Default: as the model thinks fit.',
    }),
    parallelToolCalls: t.boolean({
      description: "Whether several tools may be called at once. Default: the provider's own.",
    }),
    fallbacks: t.stringList({
      description: `Models or routes to ask when the one before could not answer, in this order, ${chatLimits.fallbacks} at most. None steps in once content has come.`,
    }),
    user: t.string({ description: 'An id of the end user for the abuse checks of the provider. No personal data.' }),
    requestId: t.id({
      description:
        'An id of your own. A second request with the id of one that runs, or ended in the last 5 minutes, is refused: a client that reconnects by itself never pays twice. Where it failed before a provider worked for it, the id is free at once.',
    }),
  }),
});
