const ENTITIES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text, as it stands in HTML and in attributes. What no document may hold becomes "?". */
export const escaped = (text: string): string =>
  text
    .replace(/[&<>"']/g, character => ENTITIES[character] ?? '')
    .replace(/[\p{Cs}\p{Bidi_Control}]|(?![\n\t])\p{Cc}/gu, '?')
