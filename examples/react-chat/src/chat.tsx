import { createParley } from 'parley-client';
import { useChat } from 'parley-react';
import { type FormEvent, useRef, useState } from 'react';
import { type Attachment, attach } from './attach.ts';
import { Message } from './message.tsx';
import { tools } from './tools.ts';

const parley = createParley({ url: '/graphql' });

export function Chat() {
  const chat = useChat({ parley, model: 'openai/gpt-4o', tools, storageKey: 'react-chat' });
  const [attachments, setAttachments] = useState<readonly Attachment[]>([]);
  const input = useRef<HTMLTextAreaElement>(null);
  const files = useRef<HTMLInputElement>(null);

  function submit(event: FormEvent) {
    event.preventDefault();
    const text = input.current?.value.trim() ?? '';
    if (chat.isRunning || (text === '' && attachments.length === 0)) return;
    void chat.send(
      text,
      attachments.map(({ part }) => part),
    );
    setAttachments([]);
    if (input.current) input.current.value = '';
    if (files.current) files.current.value = '';
  }

  return (
    <main>
      <h1>Chat</h1>
      <ol aria-live="polite" aria-busy={chat.isRunning}>
        {chat.messages.map((message) => (
          <Message key={message.id} message={message} onEdit={chat.isRunning ? undefined : chat.edit} />
        ))}
      </ol>
      {chat.status === 'submitted' && <p role="status">…</p>}
      {chat.isReconnecting && <p role="status">The connection is lost. Trying again …</p>}
      {chat.failure && (
        <p role="alert">
          {chat.failure.message}{' '}
          <button type="button" onClick={() => void chat.regenerate()}>
            Try again
          </button>
        </p>
      )}
      <form onSubmit={submit}>
        <textarea
          ref={input}
          rows={2}
          aria-label="Message"
          onKeyDown={(event) => {
            // Enter also ends the input of a Japanese or Chinese word.
            if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
          }}
        />
        <label>
          Images and files
          <input
            ref={files}
            type="file"
            multiple
            onChange={({ target }) => void attach(target.files).then(setAttachments)}
          />
        </label>
        {chat.isRunning ? (
          <button type="button" onClick={chat.stop}>
            Stop
          </button>
        ) : (
          <button type="submit">Send</button>
        )}
        {!chat.isRunning && chat.messages.length > 0 && (
          <button type="button" onClick={() => chat.setMessages([])}>
            New chat
          </button>
        )}
      </form>
    </main>
  );
}
