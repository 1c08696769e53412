import java.io.File;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.interactive.form.PDCheckBox;
import org.apache.pdfbox.pdmodel.interactive.form.PDChoice;
import org.apache.pdfbox.pdmodel.interactive.form.PDField;
import org.apache.pdfbox.pdmodel.interactive.form.PDTextField;

/** Fills in each field of a form: the first answer, a tick, a day, or a word. */
public class FillForm {
	public static void main(String[] args) throws Exception {
		try (PDDocument document = PDDocument.load(new File(args[0]))) {
			for (PDField field : document.getDocumentCatalog().getAcroForm().getFieldTree()) {
				if (field.isReadOnly()) {
					continue;
				}
				if (field instanceof PDTextField) {
					boolean day = ((PDTextField) field).getMaxLen() == 10;
					field.setValue(day ? "2017-04-03" : args[2]);
				} else if (field instanceof PDChoice) {
					field.setValue(((PDChoice) field).getOptions().get(0));
				} else if (field instanceof PDCheckBox) {
					((PDCheckBox) field).check();
				}
			}
			document.save(args[1]);
		}
	}
}
