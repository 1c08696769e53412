// Fills in every field of text, as a program does that stores answers and draws none.
var doc = new PDFDocument(scriptArgs[0]);
var fields = doc.getTrailer().get("Root").get("AcroForm").get("Fields"), n = 0;
for (var i = 0; i < 95; i++) {
  var r = fields.get(i).resolve();
  var ff = r.get("Ff");
  if (ff && ff.isNumber() && (ff.valueOf() & 1)) continue;
  if (r.get("FT").valueOf() == "Tx" || r.get("FT").valueOf() == "/Tx") { r.put("V", doc.newString("Łódź Ελλάδα Мед")); n++; }
}

doc.save(scriptArgs[1], "incremental");
