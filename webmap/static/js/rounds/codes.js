// Choose all check points of the list at once.
const all = document.getElementById("choose-all");
const boxes = [...document.querySelectorAll("input[name=check_point]")];

function reflect() {
  const chosen = boxes.filter((box) => box.checked).length;
  all.checked = chosen > 0 && chosen === boxes.length;
  all.indeterminate = chosen > 0 && chosen < boxes.length;
}

all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
boxes.forEach((box) => box.addEventListener("change", reflect));
reflect();
