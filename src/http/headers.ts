/** Fields of a response's head, by their names in lower case. */
export type HeaderFields = Readonly<Record<string, string>>;
