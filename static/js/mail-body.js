// Open in email: takes the message as it stands in the text box, saved or not. [data-mail-body] names the box.

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-mail-body]");
  const box = link && document.getElementById(link.dataset.mailBody);
  if (!box) return;
  const [address] = link.href.split("&body=");
  link.href = `${address}&body=${encodeURIComponent(box.value.replace(/\r?\n/g, "\r\n"))}`;
});
