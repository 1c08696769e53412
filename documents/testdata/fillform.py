# Fills in each field of a form with poppler: the first answer, a tick, a day, or a word.
import sys
import gi
gi.require_version("Poppler", "0.18")
from gi.repository import Poppler

document = Poppler.Document.new_from_file("file://" + sys.argv[1], None)
for page in range(document.get_n_pages()):
    for place in document.get_page(page).get_form_field_mapping():
        field = place.field
        if field.is_read_only():
            continue
        kind = field.get_field_type()
        if kind == Poppler.FormFieldType.TEXT:
            field.text_set_text("2017-04-03" if field.text_get_max_len() == 10 else sys.argv[3])
        elif kind == Poppler.FormFieldType.CHOICE:
            field.choice_select_item(0)
        elif kind == Poppler.FormFieldType.BUTTON:
            field.button_set_state(True)
document.save("file://" + sys.argv[2])
