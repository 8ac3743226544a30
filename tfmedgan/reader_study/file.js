// The file with the answers, and its checksum.

function fileText() {
  const answers = items.filter(isAnswered).map((item) => ({ item: item.id, ...entryOf(item) }));
  const content = { format: study.format, study: study.study, reader: study.reader, answers };
  return JSON.stringify({ ...content, checksum: sha256(canonical(content)) }, null, 1);
}

/** What the checksum is of; answers.checksum in the package reads it again. */
function canonical(content) {
  const head = [content.format, content.study, String(content.reader)];
  const lines = content.answers.map((entry) =>
    [entry.item, entry.answer, entry.confidence, entry.milliseconds].join("\t"));
  return head.concat(lines).join("\n");
}

function save() {
  stopClock();
  const link = document.createElement("a");
  const part = countAnswered() < items.length ? "-part" : "";
  link.download = `answers-${study.study.slice(0, 8)}-reader-${study.reader}${part}.json`;
  link.href = URL.createObjectURL(new Blob([fileText()], { type: "application/json" }));
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  unsaved = false;
  return link.download;
}

async function goOnFromFile(file) {
  const said = element("file-said");
  try {
    const content = JSON.parse(await file.text());
    if (content.study !== study.study || content.reader !== study.reader) {
      said.textContent = `${file.name} is of another study or reader; choose the file that this page saved.`;
      return;
    }
    if (content.checksum !== sha256(canonical(content))) {
      said.textContent = `${file.name} was changed after it was saved; choose another.`;
      return;
    }
    const answers = {};
    for (const entry of content.answers) answers[entry.item] = entry;
    const open = items.findIndex((item) => !answers[item.id]);
    take({ at: open < 0 ? items.length - 1 : open, answers });
    keep();
    said.textContent = `${content.answers.length} answers taken from ${file.name}.`;
    showStart();
  } catch (error) {
    said.textContent = `${file.name} holds no answers; choose the file that this page saved.`;
  }
}

/** SHA-256 (FIPS 180-4) of a text in UTF-8, in hexadecimal; crypto.subtle is not there in all browsers on file://. */
function sha256(text) {
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
  const constants = primes.map((p) => fraction(Math.cbrt(p)));
  const hash = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));

  const bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(padded.length - 4, (bytes.length * 8) >>> 0);

  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  const words = new Int32Array(64);
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 64; i += 1) {
      if (i < 16) {
        words[i] = view.getInt32(block + 4 * i);
        continue;
      }
      const far = words[i - 15], near = words[i - 2];
      words[i] = words[i - 16] + (turn(far, 7) ^ turn(far, 18) ^ (far >>> 3))
        + words[i - 7] + (turn(near, 17) ^ turn(near, 19) ^ (near >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = hash;
    for (let i = 0; i < 64; i += 1) {
      const first = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + constants[i] + words[i];
      const second = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => { hash[i] = (hash[i] + value) | 0; });
  }
  return hash.map((value) => (value >>> 0).toString(16).padStart(8, "0")).join("");
}
