/** The files in what was pasted or dropped. */
export function filesOf(transfer: DataTransfer | null): File[] {
  if (transfer === null) return [];
  if (transfer.files.length > 0) return [...transfer.files];
  // WebKit hands a copied picture over as an item only.
  return [...transfer.items].flatMap((item) => (item.kind === "file" ? (item.getAsFile() ?? []) : []));
}

/** The files of a paste that is about files. Offices copy a picture of the text beside the text: then the text is meant. */
export function pastedFiles(transfer: DataTransfer | null): File[] {
  return transfer === null || transfer.getData("text/plain") !== "" ? [] : filesOf(transfer);
}
