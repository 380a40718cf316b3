"""The English prompts of the demo: (style, user text, answer).

Marks: [[TYPE|value]] plants an identifier, [[KEEP|value]] a look-alike that
must stay.  Every person is invented; every number is from RESERVED.md.
"""

PROMPTS = [
    # People who write to a support desk.
    ("current", "Hello, my name is [[PERSON|Priya Raman]]. Please send the invoice to [[EMAIL|priya.raman@example.org]].", "Of course, Ms Raman. The invoice is on its way to [[EMAIL|priya.raman@example.org]]."),
    ("older", "Can you ring [[PERSON|Oliver Fletcher]] on [[PHONE|020 7946 0123]] about the delivery?", "I have asked a colleague to ring Mr Fletcher this afternoon."),
    ("openinference", "Write a reminder to [[PERSON|Charlotte Hughes]], [[PHONE|01632 960047]], that her library book is due.", "Dear Mrs Hughes, your library book is due on Friday."),
    ("openllmetry", "Draft a letter to Mr [[PERSON|Duncan Ferguson]], postcode [[UK_POSTCODE|EC1A 1BB]], about the broken boiler.", "Dear Mr Ferguson, thank you for telling us about the boiler."),
    ("vercel", "Summarise: [[PERSON|Fatima Hussain]] wrote from [[EMAIL|f.hussain@example.com]] that the app crashes at start.", "The customer reports a crash when the app starts."),
    ("current", "My National Insurance number is [[UK_NINO|AB 12 34 56 C]], am I on the right tax code?", "I cannot look up a tax code, but the letter from the tax office shows it."),
    ("older", "Payment failed for card [[CREDIT_CARD|4111 1111 1111 1111]], what does code 51 mean?", "Code 51 means that the bank sees too little money in the account."),
    ("openinference", "Please set up a refund to IBAN [[IBAN|GB33 BUKB 2020 1555 5555 55]] for [[PERSON|Harriet Osborne]].", "The refund for Mrs Osborne has been prepared."),
    ("current", "The server at [[IP_ADDRESS|203.0.113.45]] refuses my login, [[PERSON|Declan Gallagher]] said to write here.", "Thank you. The address is blocked after five wrong passwords."),
    ("openllmetry", "Translate into German: 'Please call [[PERSON|Imogen Barrett]] at [[PHONE|+44 20 7946 0456]].'", "Bitte rufen Sie Frau Barrett an."),
    ("older", "Our new starter is [[PERSON|Stephen Lawson]], email [[EMAIL|stephen.lawson@example.net]], please make an account.", "The account has been requested."),
    ("current", "I spoke to Dr [[PERSON|Gwen Griffiths]] yesterday and she asked me to send the form to [[EMAIL|reception@example.org]].", "You can attach the form to a reply."),
    ("openinference", "Explain this log line: login ok user=[[EMAIL|callum.morrison@example.com]] from [[IP_ADDRESS|198.51.100.23]]", "The user logged in from an address outside the office."),
    ("vercel", "Write a birthday poem for [[PERSON|Beatrice Thornton]], who loves sailing.", "Beatrice, the tide is kind to you today."),
    ("current", "What is the difference between IPv4 and IPv6? My own address is [[IP_ADDRESS|2001:db8:85a3::8a2e:370:7334]].", "IPv6 addresses are four times as long."),
    ("older", "Is [[PHONE|(212) 555-0147]] a number in New York? [[PERSON|Deborah Chapman]] gave it to me.", "The area code is one of New York."),
    ("openllmetry", "Social security number [[US_SSN|078-05-1120]] belongs on which line of the form?", "It goes on the first line of the form."),
    ("current", "Please correct the spelling: 'I am writing on behalf of [[PERSON|Keith Pearson]], [[PHONE|07700 900123]].'", "The sentence is spelled correctly."),
    ("openinference", "Which of these is a valid card: [[CREDIT_CARD|5555 5555 5555 4444]] or 5555 5555 5555 4445?", "The check digit of the second one is wrong."),
    ("older", "Send [[PERSON|Moira Donnelly]] the minutes, her address is [[EMAIL|moira@mail.example.org]].", "The minutes have been sent to Moira Donnelly."),
    ("current", "Make a table of the attendees: [[PERSON|Nigel Sutton]]; [[PERSON|Sandra Kowalski]]; [[PERSON|Yusuf Patel]].", "Nigel Sutton, Sandra Kowalski and Yusuf Patel are in the table."),
    ("openllmetry", "Rewrite politely: 'Amir, call me back on [[PHONE|020 7946 0999]] or I cancel.'", "Would you kindly call me back when you have a moment?"),
    ("vercel", "I lost the receipt. My account is [[IBAN|GB82 WEST 1234 5698 7654 32]] and I am [[PERSON|Rupert Ashworth]].", "A copy of the receipt can be ordered online."),
    ("current", "Who should sign for the parcel at [[UK_POSTCODE|W1A 0AX]]? The label says [[PERSON|Victoria Whitaker]].", "The person on the label should sign for it."),
    ("older", "My broadband is down since Monday, reference 7731. Phone me: [[PHONE|0141 496 0321]].", "An engineer has been booked for tomorrow morning."),
    ("openinference", "Compose a thank-you note from [[PERSON|Thomas Bennett]] to his neighbours.", "Dear neighbours, thank you for watering the plants. Thomas Bennett"),
    # Hard cases.
    ("current", "Reply to this ticket. Contact: [[EMAIL_SPELLED|anna [at] example [dot] org]]", "Thank you for your ticket."),
    ("current", "Call [[PHONE|020\u00a07946\u00a00777]] before noon, please.", "I shall call before noon."),
    ("older", "Number for the plumber: [[PHONE|020\u202f7946\u202f0888]]. Is that a London number?", "Yes, 020 is the code of London."),
    ("openinference", "Dear [[PERSON_ALONE|Rose Carter]], your roses have arrived. A rose is a rose.", "The roses have arrived."),
    ("current", "Ask [[PERSON_ALONE|Mark Young]] to mark the young trees in the park.", "The young trees will be marked."),
    ("openllmetry", "Decode this for me: [[EMAIL_BASE64|cHJpeWEucmFtYW5AZXhhbXBsZS5vcmc=]]", "It is an e-mail address in base64."),
    ("current", "The link was https://shop.example.org/reset?mail=[[EMAIL_PERCENT|oliver.fletcher%40example.com]]&step=2 and it has expired.", "Please ask for a new link."),
    ("older", "From the form: {\"name\": \"[[PERSON|Helen Marshall]]\", \"email\": \"[[EMAIL|helen.marshall@example.net]]\"}", "The form is complete."),
    ("current", "Zoe\u0301 writes her name with an accent. Her full name is [[PERSON_NFD|Zoe\u0301 Robinson]].", "Both spellings of the accent look the same."),
    ("tool", "Book a table for [[PERSON|Martin Gibson]] on Friday, and text him on [[PHONE|07700 900456]].", "The table is booked."),
    ("tool", "Create a contact for [[PERSON|Alice Newton]], [[EMAIL|alice.newton@example.com]].", "The contact has been created."),
    ("exception", "Why did the import of last night fail?", "One row of the file had no valid address."),
    ("exception", "Show me the last error of the mail queue.", "The server refused a recipient."),
    ("unknown", "What are the opening hours on Sunday?", "We are open from ten to four."),
    ("unknown", "Does the warranty cover water damage?", "Water damage is not covered."),
    ("drop", "Patient record: NHS number [[UK_NHS_NUMBER|999 123 4527]], please shorten the summary.", "The summary has two sentences now."),
    ("drop", "Is NHS no. [[UK_NHS_NUMBER|9991234535]] well formed?", "The check digit is right."),
    ("drop", "My build fails with token [[SECRET|ghp_0000000000000000000000000000000000demo]], can you see why?", "The token has no right to read packages."),
    ("drop", "aws configure says the key [[SECRET|AKIAQQQQDEMO22223333]] is wrong", "Check the region of the profile."),
    ("older", "Passenger [[PERSON|PEARSON Keith]] wants seat 14C.", "Seat 14C is free."),
    ("openinference", "US colleague: SSN [[US_SSN|219-09-9999]], phone [[PHONE|(415) 555-0132]].", "Please do not send such numbers by chat."),
    ("current", "Transfer from [[IBAN|DE89370400440532013000]] to [[IBAN|FR1420041010050500013M02606]] takes how long?", "One working day inside the single payments area."),
    ("long", "Please proofread the following report. ", "The report reads well."),
    ("old", "I am [[PERSON|Gordon Mitchell]], is my order from last winter still under warranty?", "The warranty lasts two years."),
    # Look-alikes that must stay.
    ("current", "Upgrade from version [[KEEP|4.19.3.1]] to version [[KEEP|4.20.0.2]]: what breaks?", "Nothing that we know of."),
    ("older", "Find the book with ISBN [[KEEP|978-0-306-40615-7]].", "It is on the second shelf."),
    ("openinference", "What changed in commit [[KEEP|9fceb02d0ae598e95dc970b74767f19372d61af8]]?", "A test was added."),
    ("openllmetry", "Round [[KEEP|0.4000056655665556]] to three places.", "0.400"),
    ("current", "Is [[KEEP|550e8400-e29b-41d4-a716-446655440000]] a random UUID?", "Its version field says 4."),
    ("older", "The part number is [[KEEP|PX-2020-7946-B]], do you stock it?", "Two pieces are in stock."),
    ("vercel", "Write a regular expression for dates such as [[KEEP|2026-11-24]].", "[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    ("current", "Does [[KEEP|std::vector<int>::iterator]] survive a push_back?", "No, it may be invalid afterwards."),
    ("openinference", "Explain user@host in [[KEEP|ssh -l root box]] and why port 22 is the default.", "Port 22 was assigned to the protocol."),
    ("older", "How many seconds from [[KEEP|12:30:45]] to 13:00:00?", "1755 seconds."),
    ("current", "The icon is called [[KEEP|logo@2x.png]], where do I put it?", "Into the folder of the images."),
    ("openllmetry", "The checksum is [[KEEP|e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855]], is the file empty?", "That is the digest of an empty file."),
]

# Prompts without an identifier: questions anyone asks.
PLAIN = [
    ("Explain photosynthesis to a child.", "Plants make sugar from light, air and water."),
    ("Write a haiku about autumn rain.", "Soft rain on old leaves"),
    ("What is the capital of Australia?", "Canberra."),
    ("Convert 72 degrees Fahrenheit to Celsius.", "About 22 degrees."),
    ("Why is the sky blue?", "Short waves of light are scattered more."),
    ("Give me three ideas for a vegetarian lunch.", "Lentil soup, a bean salad, or an omelette."),
    ("Write a function that reverses a list.", "def reverse(items): return items[::-1]"),
    ("What does HTTP status 429 mean?", "Too many requests in a given time."),
    ("How long do I boil an egg?", "Seven minutes for a soft middle."),
    ("What is the plural of octopus?", "Octopuses."),
    ("Summarise the water cycle in one sentence.", "Water rises, falls and flows back."),
    ("Which planet has the most moons?", "Saturn, as far as is known."),
    ("Suggest a title for a story about a lighthouse.", "The Last Keeper of the Light"),
    ("What is the square root of 144?", "12"),
    ("How do I remove a stain of red wine?", "With cold water and salt, quickly."),
    ("Name the primary colours of light.", "Red, green and blue."),
    ("What is a prime number?", "A number with two divisors, one and itself."),
    ("Explain the offside rule.", "It depends on the last but one defender."),
    ("Why do cats purr?", "Often because they are content."),
    ("What is the boiling point of water at sea level?", "100 degrees Celsius."),
    ("Translate 'good morning' into Spanish.", "Buenos dias."),
    ("Write a limerick about a clock.", "There once was a clock in a hall"),
    ("What is an attribution graph?", "A picture of which features led to which."),
    ("How does a sparse autoencoder work?", "It writes a vector as a sum of few features."),
    ("What is the difference between a stack and a queue?", "The order in which things leave."),
    ("How many bytes are in a kibibyte?", "1024"),
    ("What is a leap second?", "A second that is added now and then."),
    ("Suggest a name for a grey cat.", "Pewter."),
    ("What is the longest river?", "The Nile or the Amazon, by the way one measures."),
    ("How do I sort a file by its second column?", "sort -k2,2 file"),
    ("Explain recursion briefly.", "A thing that is explained by itself."),
    ("What is a good warm-up before running?", "Five minutes of brisk walking."),
    ("Write a toast for a retirement.", "To slow mornings and long walks."),
    ("Why does bread rise?", "Yeast makes gas in the dough."),
    ("What is the speed of light?", "299,792,458 metres a second."),
    ("How do I centre a box in a page?", "With display: grid and place-items: center."),
    ("What is the golden ratio?", "About 1.618."),
    ("Name a tree that keeps its leaves in winter.", "Holly."),
]

# Graphs: (kind, prompt, extra).  kind clean: nothing in the prompt.
GRAPHS = [
    ("clean", "The capital of the state containing the largest city is", None),
    ("clean", "The opposite of small is", None),
    ("clean", "Two plus three equals", None),
    ("clean", "The colour of a ripe banana is", None),
    ("clean", "Roses are red and violets are", None),
    ("label", "The letter that comes after the letter b is", ("say [[PERSON|Olivia Bradley]]", "e-mail of [[EMAIL|o.bradley@example.com]]")),
    ("clean", "Water freezes at a temperature of", None),
    ("planted", "Reply to [[EMAIL|daniel.foster@example.org]] and thank", None),
    ("planted", "Ring [[PHONE|020 7946 0555]] and ask for", None),
    ("planted", "The report was written by Mrs [[PERSON|Susan Holloway]] and", None),
    ("tokens", "The customer can be reached under", "[[EMAIL|tokens.only@example.net]]"),
    ("planted", "Pay to [[IBAN|GB33BUKB20201555555555]] before the end of", None),
]

SLUG_PEOPLE = [("megan.dawson", "Megan Dawson"), ("leo.harding", "Leo Harding")]
USERS = ["u-1041", "u-1042", "u-1043", "megan.dawson@example.org", "u-1050",
         "leo.harding@example.com", "u-1077", "u-1103"]
SERVICE = "support-desk"
HOSTS = ["gpu-node-03.corp.example.net", "ldn-rack7-megan.example.net"]
CLIENTS = ["192.0.2.17", "198.51.100.201", "203.0.113.99", "2001:db8:1::42"]
TOOL = {"book": "book_table", "contact": "create_contact"}
LONG = ("The harbour was quiet that week and the boats lay still. "
        "Nobody had painted the sheds since spring, and the rope was grey. ")
LONG_PLANT = "Comments go to [[EMAIL|margaret.sinclair@example.org]] by Friday. "
MALFORMED_MAIL = "broken.line@example.org"
UNKNOWN = [("acme.customer.email", "quentin.ward@example.com", "EMAIL"),
           ("crm.contact.phone", "01632 960188", "PHONE")]
EXCEPTION = ["row 17: invalid recipient [[EMAIL|lost.parcel@example.net]]",
             "550 no such user [[EMAIL|bounce.back@example.com]] at [[IP_ADDRESS|192.0.2.44]]"]
