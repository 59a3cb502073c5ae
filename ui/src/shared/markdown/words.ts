/** The few words the renderer itself shows, in the window's language. */
export interface MarkdownWords {
  copy: string;
  copied: string;
  wrap: string;
  /** Label of a code block without a language. */
  plainCode: string;
  image: string;
  taskOpen: string;
  taskDone: string;
  table: string;
}
