// The size of the image in device pixels, so that each of its pixels is as large as the others.

const LARGEST = 256;  // times a pixel can be enlarged

let zoom = null;  // device pixels for one of the image; null: as large as there is room

const density = () => window.devicePixelRatio || 1;

function room() {
  const picture = element("picture"), stage = element("stage");
  const across = stage.clientWidth / picture.naturalWidth;
  const factor = Math.min(across, stage.clientHeight / picture.naturalHeight) * density();
  return factor >= 1 ? Math.floor(factor) : factor;
}

function resize() {
  const picture = element("picture");
  if (!picture.naturalWidth || element("reading").hidden) return;
  const stage = element("stage");
  const middle = [(stage.scrollLeft + stage.clientWidth / 2) / stage.scrollWidth,
    (stage.scrollTop + stage.clientHeight / 2) / stage.scrollHeight];
  const frame = element("frame"), css = (pixels) => pixels / density();
  frame.style.width = frame.style.height = "0";  // leaves no scroll bars that take room
  const factor = zoom === null ? room() : zoom;
  frame.style.width = `${css(picture.naturalWidth * factor)}px`;
  frame.style.height = `${css(picture.naturalHeight * factor)}px`;
  picture.style.transform = `scale(${css(factor)})`;  // exact, where lengths are rounded to 1/64
  picture.classList.toggle("reduced", factor < 1);
  stage.scrollLeft = middle[0] * stage.scrollWidth - stage.clientWidth / 2;
  stage.scrollTop = middle[1] * stage.scrollHeight - stage.clientHeight / 2;
  element("size").textContent = `${factor < 1 ? factor.toFixed(2) : factor}×`;
  element("smaller").disabled = factor <= 1;
  element("larger").disabled = factor >= LARGEST;
}

function scale(direction) {
  const factor = zoom === null ? Math.max(1, Math.floor(room())) : zoom;
  const grown = zoom === null && room() < 1 ? 1 : factor + direction * Math.max(1, Math.floor(factor / 4));
  zoom = Math.min(LARGEST, Math.max(1, grown));
  resize();
}

function fit() {
  zoom = null;
  resize();
}

element("picture").addEventListener("load", resize);
window.addEventListener("resize", resize);
