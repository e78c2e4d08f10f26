/** Rules that depend on the model. The catalogue decides them; the tables cannot show them. */
export const modelRules: readonly (readonly [string, readonly string[]])[] = [
  [
    'All',
    [
      'An effort is a hint. A model with other effort words gets the nearest one, the stronger of two equally near, and the answer has a warning. `NONE` is binding: a model whose reasoning cannot be turned off refuses it; for a model that does not reason nothing is sent.',
      'Where a provider takes a token budget instead of a word, an effort is a share of `maxTokens`, or else of the output limit of the model: MINIMAL 2 %, LOW 10 %, MEDIUM 30 %, HIGH 60 %, XHIGH 90 % (the shares are those of the AI SDK, Apache-2.0).',
      'Tools, images and JSON formats are checked against the catalogue: tools and images are refused for a model without them, a format is requested in the prompt.',
      'Empty lists, and `parallelToolCalls` without tools, are not sent: several providers refuse them, and they have no effect.',
    ],
  ],
  [
    'OpenAI',
    [
      'Reasoning models (o1, o3, GPT-5 and later) get instructions between the turns in the role `developer`, and refuse temperature, topP, both penalties and stop: left out with a warning. From GPT-5.1 to 5.4 temperature and topP are taken with effort NONE. *AI SDK; livekit/agents#3966.*',
      'They use Responses, which accepts tools with any effort. On Chat Completions (by configuration), GPT-5.6 accepts tools only without reasoning: its effort is NONE, with a warning. *openai/openai-openapi#541, BerriAI/litellm#34569.*',
      'With an effort the answer has a summary of the reasoning. An unverified organization gets none: Parley repeats the request without it, with a warning. *BerriAI/litellm#16032.*',
      'Reasoning is sent back with the next turn, encrypted, in `providerState`. Where OpenAI cannot decrypt it (it is bound to the organization of the key), Parley repeats the request without it, with a warning. *maximhq/bifrost#5892.*',
      'Search-preview models refuse all sampling options: left out with a warning.',
      'JSON mode is refused when no message holds the word JSON: a sentence that does is added to the system message, with a warning. The same holds for the OpenAI family and for Cohere. On Responses the instructions do not count, so they are sent in the input.',
      'On Responses a tool call without a result is refused, and so are `maxTokens` below 16.',
    ],
  ],
  [
    'DeepSeek',
    [
      'Models reason by default, and then ignore sampling options: left out with a warning.',
      'Required and named tools are refused while it reasons: reasoning is turned off, with a warning on `reasoningEffort`. `deepseek-reasoner`, which always reasons, refuses the tool choice. *BerriAI/litellm#37470.*',
      'A tool call comes with `providerState`, which holds the reasoning that has to be sent back with the results. Results without it are answered without reasoning, with a warning. *BerriAI/litellm#28045.*',
    ],
  ],
  [
    'xAI',
    [
      'All current models reason, and answer penalties and stop with an error, even a penalty of 0: left out with a warning. `grok-2` and the non-reasoning models take them. *n8n-io/n8n#14581, BerriAI/litellm#11563.*',
      '`grok-4.20-reasoning` takes no effort word: left out with a warning, and NONE is refused. *AI SDK.*',
      'On Responses, reasoning is always returned, and sent back with the next turn as with OpenAI.',
    ],
  ],
  [
    'Qwen',
    [
      'Reasoning excludes a forced tool, and JSON mode with a model that follows no schema: reasoning is turned off, with a warning. *QwenLM/qwen-code#7659.*',
      'Since Qwen 3.8 an effort is sent as a word, before that as a token budget. *models.dev.*',
    ],
  ],
  ['AI21', ['More than 4096 `maxTokens` are refused. A tool choice other than AUTO is refused.']],
  [
    'Perplexity',
    [
      'Its presets are models here: `perplexity/low`. Of what it calls `perplexity/sonar`, the whole is `perplexity/perplexity/sonar`. Sonar always searches the web, other models only as part of a preset.',
      'Chat Completions ended on 2026-09-27. `sonar` is requested under its new name; the other old names are replaced by the preset that Perplexity names as their successor, with a warning.',
      'Tools with the names of its own (`web_search`, `fetch_url`, `sandbox`, ...) are refused.',
      'On Chat Completions (by configuration), user and assistant alternate: adjacent messages are merged, tool calls and results become text (with a warning), and a conversation that begins or ends with an assistant message is refused. *perplexityai/api-discussion#265.*',
      'On that wire, of the two penalties only `presencePenalty` is sent when both are given; `frequencyPenalty` has to be above 0. *BerriAI/litellm#1817.*',
    ],
  ],
  [
    'Anthropic',
    [
      'Temperature and topP: together only for models before Claude 4; neither while the model reasons; neither for Opus 4.7, Sonnet 5, Haiku 5.5 and later. Left out with a warning, topP first. *BerriAI/litellm#15097.*',
      'Thinking is left out with a warning together with a forced tool, with results whose call lacks its `providerState`, after a prefilled answer, and where `maxTokens` leaves less than 1024 tokens for it. *BerriAI/litellm#8961.*',
      'A last assistant message is continued (without white space at its end), and refused by Claude 4.6 and later. Stop texts of white space alone are left out with a warning.',
      'A schema goes to `output_config.format`, with limits that the wire refuses (`minimum`, `pattern`, ...) moved to the description. For models before Claude 4.1 it is in the prompt, with a warning, as is the request for a plain JSON object for every model. *@anthropic-ai/sdk.*',
      'Without `maxTokens` the maximum of the model is sent, since the wire demands a number.',
    ],
  ],
  [
    'Mistral',
    [
      'Most models accept only the efforts NONE and HIGH. Dated Magistral models always reason: an effort is left out with a warning, NONE is refused.',
      'TopP other than 1 is refused together with temperature 0: left out with a warning. A user message right after a tool result gets an assistant\'s "OK" before it, with a warning. Ids of tool calls are rewritten to nine letters and digits. *BerriAI/litellm#17761, mistralai/mistral-vibe#1075.*',
    ],
  ],
  [
    'Cohere',
    [
      'A response format is requested in the prompt while tools are offered, with a warning.',
      'Of the two penalties only `frequencyPenalty` is sent when both are given. A tool choice is refused by models before `command-r7b`.',
    ],
  ],
  [
    'Google',
    [
      'Penalties are left out for all models since Gemini 2.5, and temperature and topP since Gemini 3.6, with a warning. *vercel/ai#8943, BerriAI/litellm#26108.*',
      'Reasoning is a budget of tokens for Gemini 2.5 and a level since Gemini 3. NONE is refused by 2.5 Pro and by everything since Gemini 3.',
      'JSON formats exclude tools before Gemini 3: the format is requested in the prompt, with a warning. *googleapis/python-genai#867.*',
      'Gemma has no instructions: they are sent before the first user message.',
    ],
  ],
];
