import type { ChatMessage } from 'parley-react';
import { useState } from 'react';

type MessageProps = {
  readonly message: ChatMessage;
  /** Undefined while an answer is written. */
  readonly onEdit: ((id: string, text: string) => Promise<boolean>) | undefined;
};

export function Message({ message, onEdit }: MessageProps) {
  const { id, role, text, reasoning, toolCalls, files, attachments, completion } = message;
  const [draft, setDraft] = useState<string>();
  if (draft !== undefined) {
    return (
      <li className={role}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            setDraft(undefined);
            void onEdit?.(id, draft);
          }}
        >
          <textarea aria-label="Edit the message" value={draft} onChange={({ target }) => setDraft(target.value)} />
          <button type="submit" disabled={!onEdit}>
            Send again
          </button>
          <button type="button" onClick={() => setDraft(undefined)}>
            Cancel
          </button>
        </form>
      </li>
    );
  }
  return (
    <li className={role}>
      <strong>{role === 'USER' ? 'You' : 'Model'}</strong>
      {reasoning && (
        <details>
          <summary>Reasoning</summary>
          <p>{reasoning}</p>
        </details>
      )}
      {attachments.map((part, index) =>
        // Attachments of a message never change places.
        part.image?.url ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the order is fixed
          <img key={index} src={part.image.url} alt={`Attachment ${index + 1}`} />
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the order is fixed
          <p key={index}>{part.file?.name ?? 'A file'}</p>
        ),
      )}
      {text && <p>{text}</p>}
      {toolCalls.map((call) => (
        <p key={call.id} className="call">
          <code>
            {call.name}({call.arguments})
          </code>{' '}
          {call.content ?? '…'}
        </p>
      ))}
      {files.map(({ mediaType, data }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the order is fixed
        <img key={index} src={`data:${mediaType};base64,${data}`} alt={`Answer ${index + 1}`} />
      ))}
      {completion?.citations.map(({ url, title }) => (
        <a key={url} href={url} rel="noreferrer">
          {title ?? url}
        </a>
      ))}
      {role === 'USER' && onEdit && (
        <button type="button" onClick={() => setDraft(text)}>
          Edit
        </button>
      )}
    </li>
  );
}
