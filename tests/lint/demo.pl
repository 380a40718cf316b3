# demo.pl RESERVED.md FILE... - prints how many identifiers were looked at;
# what is not reserved goes to stderr as "file:line: kind value".
use strict;
use warnings;

binmode(STDERR, ':utf8');

my (%may, $in);
my $list = shift @ARGV;
open(my $fh, '<:utf8', $list) or die "$list: $!\n";
while (<$fh>) {
	$in = 1, next if /^```reserved/;
	$in = 0 if /^```$/;
	$may{$1} = qr/^(?:$2)$/ if $in && /^(\w+)\s+(\S+)$/;
}
die "$list: no table\n" unless %may;

# What an identifier of a kind looks like, anywhere.  Wide on purpose.
my $s = '[ \x{a0}\x{202f}.-]?';
my @look = (
	[EMAIL => qr/[\w.+-]+(?:@|%40)([A-Za-z0-9.-]+\.[A-Za-z]{2,})/],
	[HOST => qr{https?://([^/\s"'\\]+)}],
	[HOST => qr/"host\.name","value":\{"stringValue":"([^"]+)"/],
	[IPV4 => qr/(?<![\d.])(\d{1,3}(?:\.\d{1,3}){3})(?![\d.])/],
	[IPV6 => qr/(?<![\w:])([0-9a-f]{1,4}(?::[0-9a-f]{0,4}){3,7})(?![\w:])/],
	[PHONE => qr/(?<![\w.+-])((?:\+\d{2}|0)$s\d(?:$s\d){8,9})(?![\w-])/],
	[PHONE => qr/(\([2-9]\d\d\) \d{3}-\d{4})/],
	[IBAN => qr/\b((?:GB|FR|DE)\d\d(?: ?[0-9A-Z]{4}){4,6}(?: ?[0-9A-Z]{1,3})?)\b/],
	[CREDIT_CARD => qr/(?<![\w.])((?:\d{4} ){3}\d{4}|\d{16})(?![\w.])/],
	[UK_NINO => qr/\b([A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-D])\b/],
	[UK_NHS_NUMBER => qr/(?<![\w.-])([1-9]\d\d \d{3} \d{4}|[1-9]\d{9})(?![\w.-])/],
	[UK_POSTCODE => qr/\b([A-Z]{1,2}\d[A-Z0-9]? \d[A-Z]{2})\b/],
	[FR_NIR => qr/(?<![\w.])([12] ?\d\d ?\d\d ?\d\d ?\d{3} ?\d{3} ?\d\d)(?![\w.])/],
	[FR_SIRET => qr/(?<![\w.])(\d{3} ?\d{3} ?\d{3} ?\d{5})(?![\w.])/],
	[US_SSN => qr/(?<![\w-])(\d{3}-\d\d-\d{4})(?![\w-])/],
	[SECRET => qr/\b((?:ghp_|AKIA|sk-|xox|glpat-)\w{12,})/],
);
my $n = 0;
my $bad = 0;

sub judge {
	my ($where, $kind, $all, $value) = @_;
	my $bare = $value;
	$bare =~ s/[\s\x{a0}\x{202f}().-]//g unless $kind =~ /^(?:EMAIL|HOST|IPV?\d*|IP_ADDRESS)$/;
	$n++;
	return ' ' x length($all) if $bare =~ $may{$kind};
	print STDERR "$where: $kind $value is not in RESERVED.md\n";
	$bad = 1;
	return $all;
}

for my $file (@ARGV) {
	open(my $f, '<:utf8', $file) or die "$file: $!\n";
	while (my $line = <$f>) {
		# Times and trace ids are of the format, not of a person.
		$line =~ s/"(?:\w*UnixNano|(?:trace|span|parentSpan)Id)":"?[0-9a-fA-F]+"?//g;
		$line =~ s/"create_time_ms": ?\d+//g;
		for (@look) {
			my ($kind, $re) = @$_;
			# What is settled is not looked at again as another kind.
			$line =~ s/$re/judge("$file:$.", $kind, $&, $1)/ge;
		}
	}
	close($f);
}
print "$n\n";
exit $bad;
