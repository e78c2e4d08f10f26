'use client';

import { createParley } from 'parley-client';
import { documentIds } from 'parley-client/document-ids';
import { useChat } from 'parley-react';
import { type FormEvent, useRef } from 'react';

/** The page sends ids of operations to its own server, which knows the key, the model and the limits. */
const parley = createParley({ url: '/api/parley', documentIds });

export function Chat() {
  const chat = useChat({ parley, model: 'chosen-by-the-server', storageKey: 'next-chat' });
  const input = useRef<HTMLInputElement>(null);

  function submit(event: FormEvent) {
    event.preventDefault();
    const text = input.current?.value.trim() ?? '';
    if (chat.isRunning || text === '') return;
    void chat.send(text);
    if (input.current) input.current.value = '';
  }

  return (
    <>
      <ol aria-live="polite" aria-busy={chat.isRunning}>
        {chat.messages.map(({ id, role, text, reasoning }) => (
          <li key={id} className={role}>
            <strong>{role === 'USER' ? 'You' : 'Model'}</strong>
            {reasoning && (
              <details>
                <summary>Reasoning</summary>
                <p>{reasoning}</p>
              </details>
            )}
            <p>{text}</p>
          </li>
        ))}
      </ol>
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
        <input ref={input} aria-label="Message" autoComplete="off" />
        {chat.isRunning ? (
          <button type="button" onClick={chat.stop}>
            Stop
          </button>
        ) : (
          <button type="submit">Send</button>
        )}
      </form>
    </>
  );
}
