import java.io.File;
import org.apache.pdfbox.preflight.PreflightDocument;
import org.apache.pdfbox.preflight.ValidationResult;
import org.apache.pdfbox.preflight.parser.PreflightParser;

/** Says of each file what PDF/A-1b forbids in it, a line each, and that it was checked. */
public class Preflight {
	public static void main(String[] files) throws Exception {
		for (String file : files) {
			PreflightParser parser = new PreflightParser(new File(file));
			parser.parse();
			try (PreflightDocument document = parser.getPreflightDocument()) {
				document.validate();
				for (ValidationResult.ValidationError e : document.getResult().getErrorsList()) {
					System.out.println(file + "\t" + e.getErrorCode() + " " + e.getDetails());
				}
			}
			System.out.println(file + "\tchecked");
		}
	}
}
